#include "provider/param.h"

#include "document/json_read.h"
#include "document/json_write.h"

/* What was checked when it was read: a failure is as good as a parameter that is not set. */
static bool read_param(const struct chat *chat, enum chat_param param, struct arena *arena,
                       struct document *out)
{
    struct text json = chat->params.json[param];

    return json.len > 0 && json_read(json, NULL, arena, out, NULL, NULL);
}

bool param_number(const struct chat *chat, enum chat_param param, struct arena *arena, double *out)
{
    struct document document;

    if (!read_param(chat, param, arena, &document) ||
        (document_cell(&document, 0)->type != CELL_INTEGER &&
         document_cell(&document, 0)->type != CELL_NUMBER))
        return false;
    *out = document_double(document_cell(&document, 0));
    return true;
}

int64_t param_max_tokens(const struct chat *chat, struct arena *arena)
{
    double wanted;

    if (!param_number(chat, CHAT_PARAM_MAX_TOKENS, arena, &wanted))
        return 0;
    if (chat->max_output > 0 && wanted > (double)chat->max_output)
        return chat->max_output;
    return (int64_t)wanted;
}

struct text param_word(const struct chat *chat, enum chat_param param, struct arena *arena)
{
    struct document document;

    if (!read_param(chat, param, arena, &document) ||
        document_cell(&document, 0)->type != CELL_STRING)
        return (struct text){0};
    return document_text(&document, 0);
}

struct text param_stops(const struct chat *chat, bool blank, struct arena *arena)
{
    struct buffer out = buffer_in(arena);
    struct document document;

    if (!read_param(chat, CHAT_PARAM_STOP, arena, &document))
        return (struct text){0};
    for (uint32_t at = 0; at < document.count; at++) {
        if (document_cell(&document, at)->type != CELL_STRING ||
            (!blank && text_trim(document_text(&document, at)).len == 0))
            continue;
        buffer_put_byte(&out, out.len == 0 ? '[' : ',');
        json_put_string(&out, document_text(&document, at));
    }
    if (out.len > 0)
        buffer_put_byte(&out, ']');
    return buffer_text(&out);
}
