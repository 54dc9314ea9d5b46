#include "gateway/query.h"

#include "document/utf8.h"

static int hex_digit(char byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    byte |= 0x20;
    return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

bool admin_decode(struct arena *arena, struct text part, struct text *out)
{
    char *bytes = arena_bytes(arena, part.len);
    size_t len = 0;

    for (size_t i = 0; i < part.len; i++) {
        int high, low;

        if (part.at[i] != '%') {
            bytes[len++] = part.at[i];
            continue;
        }
        if (part.len - i < 3 || (high = hex_digit(part.at[i + 1])) < 0 ||
            (low = hex_digit(part.at[i + 2])) < 0)
            return false;
        bytes[len++] = (char)(high << 4 | low);
        i += 2;
    }
    *out = (struct text){bytes, len};
    return utf8_valid(*out) == len;
}

/* Names that the call takes, for a person. */
static struct text names_of(struct request *request, const struct query_param *params, size_t count)
{
    struct buffer names = buffer_in(&request->arena);

    for (size_t i = 0; i < count; i++)
        buffer_printf(&names, "%s%s", i > 0 ? ", " : "", params[i].name);
    return buffer_text(&names);
}

static bool take(struct request *request, const struct query_param *param, struct text value)
{
    struct error *err = &request->error;

    if (param->text != NULL) {
        *param->text = value;
        return true;
    }
    if (text_to_u64(value, param->number) && *param->number >= param->least &&
        *param->number <= param->greatest)
        return true;
    return error_set(err, ERROR_INVALID_REQUEST, param->name,
                     "'%s' must be a whole number between %llu and %llu", param->name,
                     (unsigned long long)param->least, (unsigned long long)param->greatest);
}

bool query_read(struct request *request, const struct query_param *params, size_t count)
{
    struct text rest = request->http.query, name, value;
    uint64_t seen = 0;

    while (rest.len > 0) {
        struct text pair = text_split(&rest, '&');
        struct text written = text_split(&pair, '=');
        size_t i = 0;

        if (!admin_decode(&request->arena, written, &name) ||
            !admin_decode(&request->arena, pair, &value))
            return error_set(&request->error, ERROR_INVALID_REQUEST, "query",
                             "the query is not UTF-8 in percent-encoding, such as %%C3%%A9");
        while (i < count && !text_equal(name, text_of(params[i].name)))
            i++;
        if (i == count || seen >> i & 1) {
            error_set(&request->error, ERROR_INVALID_REQUEST, "query", "'%.*s' is %s",
                      TEXT_ARG(text_first(name, 64)),
                      i == count ? "not known to this call" : "given twice");
            error_hint(&request->error, "it takes %.*s",
                       TEXT_ARG(names_of(request, params, count)));
            return false;
        }
        seen |= UINT64_C(1) << i;
        if (!take(request, &params[i], value))
            return false;
    }
    return true;
}
