/* What an item says: a text, or parts. Those of a user may be images; those of the model may be
 * what it declined, which is a text to whoever reads it again. */
#include "surface/responses.h"

/* --- images --------------------------------------------------------------------------------------
 */

/* {"type": "input_image", "image_url": "https://...", "detail": "auto"}: no object, as in chats. */
static bool read_image(struct body_reader *reader, uint32_t part, struct chat_part *out)
{
    uint32_t at;
    struct text url;

    if (!body_string(reader, part, "image_url", &at, &url))
        return body_refuse(reader, at, ERROR_INVALID_REQUEST,
                           "an image is given as 'image_url', a string: https://... or data:...; "
                           "files are not stored here");
    return body_read_image(reader, part, at, out);
}

/* --- parts ---------------------------------------------------------------------------------------
 */

static bool is_one_of(struct text word, const char *const *words)
{
    for (; *words != NULL; words++)
        if (text_equal(word, text_of(*words)))
            return true;
    return false;
}

static bool refuse_part(struct body_reader *reader, uint32_t part, enum chat_role role)
{
    if (role == CHAT_USER)
        return body_refuse(reader, part, ERROR_INVALID_REQUEST,
                           "parts of a user are {\"type\": \"input_text\", \"text\": \"...\"} and "
                           "{\"type\": \"input_image\", \"image_url\": \"...\"}");
    if (role == CHAT_ASSISTANT)
        return body_refuse(reader, part, ERROR_INVALID_REQUEST,
                           "parts of an assistant are {\"type\": \"output_text\", \"text\": "
                           "\"...\"} and {\"type\": \"refusal\", \"refusal\": \"...\"}");
    return body_refuse(reader, part, ERROR_INVALID_REQUEST,
                       "parts are {\"type\": \"input_text\", \"text\": \"...\"} here");
}

static bool read_part(struct body_reader *reader, uint32_t part, enum chat_role role,
                      struct chat_part *out)
{
    static const char *const given[] = {"input_text", "text", NULL};
    static const char *const answered[] = {"output_text", "text", NULL};
    struct text type = {0};
    uint32_t at;

    if (reader->body->document.cells[part].type != CELL_OBJECT ||
        !body_string(reader, part, "type", &at, &type))
        return refuse_part(reader, part, role);
    if (text_equal(type, TEXT("input_image")) && role == CHAT_USER)
        return read_image(reader, part, out);
    out->type = CHAT_TEXT;
    if (text_equal(type, TEXT("refusal")) && role == CHAT_ASSISTANT)
        return body_string(reader, part, "refusal", &at, &out->text) ||
               refuse_part(reader, part, role);
    return (is_one_of(type, role == CHAT_ASSISTANT ? answered : given) &&
            body_string(reader, part, "text", &at, &out->text)) ||
           refuse_part(reader, part, role);
}

bool responses_read_content(struct body_reader *reader, uint32_t at, struct chat_message *out)
{
    return body_read_parts(reader, at, read_part, out);
}
