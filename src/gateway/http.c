#include "gateway/http.h"

struct text http_header(const struct http_request *request, struct text name)
{
    for (size_t i = 0; i < request->header_count; i++)
        if (text_equal(request->headers[i].name, name))
            return request->headers[i].value;
    return (struct text){0};
}
