/* Where `doc` of an error leads: /docs/errors#rate_limit_exceeded. */
#include "base/error.h"
#include "base/error_text.h"
#include "catalog/catalog.h"
#include "document/xml_write.h"

/* Texts of errors name fields in `such`: shown as code. */
static void put_prose(struct buffer *out, const char *text)
{
    struct text rest = text_of(text);
    bool code = false;

    while (rest.len > 0) {
        size_t at = text_find_byte(rest, '`');

        xml_put_escaped(out, text_first(rest, at));
        if (at == rest.len)
            break;
        code = !code;
        buffer_put(out, code ? TEXT("<code>") : TEXT("</code>"));
        rest = text_after(rest, at + 1);
    }
    if (code)
        buffer_put(out, TEXT("</code>"));
}

static void put_error(struct buffer *out, enum error_code code)
{
    const struct error_row *row = error_row(code);
    const struct error_text *text = error_text_of(code);

    buffer_printf(out, "<section id=\"%s\"><h2><a href=\"#%s\">%s</a></h2>\n", row->word, row->word,
                  row->word);
    buffer_printf(out, "<p class=\"facts\">HTTP %d · <code>%s</code>", row->status, row->type);
    if (row->retry == RETRY_YES)
        buffer_put(out, TEXT(" · worth another try"));
    if (row->retry == RETRY_BY_DELAY)
        buffer_put(out, TEXT(" · worth another try after <code>Retry-After</code>"));
    buffer_put(out, TEXT("</p>\n<p>"));
    put_prose(out, text->means);
    buffer_put(out, TEXT("</p>\n<p>"));
    put_prose(out, text->remedy);
    buffer_put(out, TEXT("</p></section>\n"));
}

void catalog_put_errors(struct buffer *out)
{
    buffer_put(out,
               TEXT("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                    "<title>Errors</title>\n<link rel=\"icon\" href=\"data:,\">\n"
                    "<link rel=\"stylesheet\" href=\"/docs/page.css\">\n"
                    "</head>\n<body class=\"errors\">\n<header class=\"top\"><p class=\"mark\">"
                    "<a href=\"/docs/\">Endpoints</a></p></header>\n"
                    "<main>\n<h1>Errors</h1>\n"
                    "<p>Every code that <code>error.code</code> of an answer can be, what it means "
                    "and what to do.</p>\n"));
    for (int code = ERROR_NONE + 1; code < ERROR_CODE_COUNT; code++)
        put_error(out, (enum error_code)code);
    buffer_put(out, TEXT("</main>\n</body>\n</html>\n"));
}
