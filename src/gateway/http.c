#include "gateway/http.h"

struct text http_header(const struct http_request *request, struct text name)
{
    for (size_t i = 0; i < request->header_count; i++)
        if (text_equal(request->headers[i].name, name))
            return request->headers[i].value;
    return (struct text){0};
}

/* RFC 9110, section 12.5.3; a coding with a weight of 0 is refused. */
bool http_takes_gzip(const struct http_request *request)
{
    struct text rest = http_header(request, TEXT("accept-encoding"));

    while (rest.len > 0) {
        struct text weight = text_trim(text_split(&rest, ','));
        struct text coding = text_trim(text_split(&weight, ';'));

        if (text_equal_nocase(coding, TEXT("gzip")))
            return !text_equal(text_trim(weight), TEXT("q=0"));
    }
    return false;
}
