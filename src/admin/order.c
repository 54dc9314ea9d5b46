#include "admin/order.h"

#include "document/json_read.h"

bool order_refuse(struct request *request, const char *at, const char *expected)
{
    return error_set(&request->error, ERROR_INVALID_REQUEST, at, "'%s' must be %s", at + 1,
                     expected);
}

static bool refuse_name(struct request *request, const struct document *order, uint32_t key,
                        const struct text *names, size_t count)
{
    struct text name = document_text(order, key), near = nearest_name(name, names, count);

    error_set(&request->error, ERROR_UNKNOWN_FIELD,
              document_pointer(order, key, &request->arena).at, "unknown field '%.*s'",
              TEXT_ARG(text_cut(name, 64)));
    if (near.len > 0)
        error_hint(&request->error, "did you mean '%.*s'?", TEXT_ARG(near));
    return false;
}

bool order_read(struct request *request, const struct text *names, size_t count,
                struct document *out)
{
    if (!json_read(request->http.body, NULL, &request->arena, out, NULL, &request->error))
        return false;
    if (out->cells[0].type != CELL_OBJECT)
        return error_set(&request->error, ERROR_INVALID_REQUEST, "", "the body must be an object");
    for (uint32_t key = 1; key < out->cells[0].end; key = document_next(out, key + 1)) {
        struct text name = document_text(out, key);
        size_t i = 0;

        while (i < count && !text_equal(name, names[i]))
            i++;
        if (i == count)
            return refuse_name(request, out, key, names, count);
    }
    return true;
}

bool order_text(struct request *request, const struct document *order, const char *at,
                struct text *out)
{
    uint32_t cell = document_member(order, 0, text_of(at + 1));

    if (cell == CELL_NONE)
        return true;
    if (order->cells[cell].type != CELL_STRING)
        return order_refuse(request, at, "a string");
    *out = document_text(order, cell);
    return true;
}
