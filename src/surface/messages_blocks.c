/* What one block of a message says. A block that would be something else to every provider but
 * Anthropic (a document, a search, a tool that runs there) is refused by its name. */
#include "surface/messages.h"

#include "base/buffer.h"
#include "surface/body_reader.h"

bool messages_block_type(struct body_reader *reader, uint32_t block, struct text *out)
{
    uint32_t at;

    return (reader->body->document.cells[block].type == CELL_OBJECT &&
            body_string(reader, block, "type", &at, out)) ||
           body_refuse(reader, block, ERROR_INVALID_REQUEST,
                       "a block must be an object with a 'type'");
}

void messages_put_paragraph(struct buffer *out, struct text text)
{
    if (text.len > 0 && out->len > 0)
        buffer_put(out, TEXT("\n\n"));
    buffer_put(out, text);
}

/* --- images --------------------------------------------------------------------------------------
 */

static bool read_image(struct body_reader *reader, uint32_t block, struct chat_part *out)
{
    const struct document *document = &reader->body->document;
    uint32_t source = document_member(document, block, TEXT("source")), at;
    struct text type = {0}, media_type = {0}, data = {0};

    if (source == CELL_NONE || document->cells[source].type != CELL_OBJECT ||
        !body_string(reader, source, "type", &at, &type))
        return body_refuse(reader, source == CELL_NONE ? block : source, ERROR_INVALID_REQUEST,
                           "an image needs a 'source' with a 'type': \"base64\" or \"url\"");
    if (text_equal(type, TEXT("base64")))
        return (body_string(reader, source, "media_type", &at, &media_type) &&
                body_string(reader, source, "data", &at, &data) &&
                body_image_data(media_type, data, out)) ||
               body_refuse(reader, at, ERROR_INVALID_REQUEST,
                           "an image as data has the 'media_type' image/png, image/jpeg, image/gif "
                           "or image/webp, and its 'data' in base64 with its padding");
    if (text_equal(type, TEXT("url")))
        return (body_string(reader, source, "url", &at, &data) && body_image_url(data, out)) ||
               body_refuse(reader, at, ERROR_INVALID_REQUEST,
                           "the 'url' of an image must be https://... in printable ASCII, at most "
                           "8192 bytes");
    return body_refuse(reader, at, ERROR_INVALID_REQUEST,
                       "images are taken from the sources \"base64\" and \"url\" only");
}

/* --- blocks --------------------------------------------------------------------------------------
 */

static bool read_text_block(struct body_reader *reader, uint32_t block, struct text *out)
{
    uint32_t at;

    return body_string(reader, block, "text", &at, out) ||
           body_refuse(reader, at, ERROR_INVALID_REQUEST, "a text block needs a 'text'");
}

static bool refuse_block(struct body_reader *reader, uint32_t block, struct text type, bool images)
{
    return body_refuse(reader, block, ERROR_INVALID_REQUEST,
                       arena_printf(reader->arena,
                                    "a block of the type '%.*s' is not taken here: %s",
                                    TEXT_ARG(text_cut(type, 64)),
                                    images ? "send 'text' and 'image'" : "send 'text'")
                           .at);
}

bool messages_read_block(struct body_reader *reader, uint32_t block, bool images,
                         struct chat_part *out)
{
    struct text type;

    if (!messages_block_type(reader, block, &type))
        return false;
    if (text_equal(type, TEXT("text"))) {
        out->type = CHAT_TEXT;
        return read_text_block(reader, block, &out->text);
    }
    return text_equal(type, TEXT("image")) && images ? read_image(reader, block, out)
                                                     : refuse_block(reader, block, type, images);
}

bool messages_read_text(struct body_reader *reader, uint32_t at, struct text *out)
{
    const struct document *document = &reader->body->document;
    struct buffer joined = buffer_in(reader->arena);

    if (document->cells[at].type == CELL_STRING) {
        *out = document_text(document, at);
        return true;
    }
    if (document->cells[at].type != CELL_ARRAY)
        return body_refuse(reader, at, ERROR_INVALID_REQUEST,
                           "it must be a string or a list of blocks");
    for (uint32_t block = at + 1; block < document->cells[at].end;
         block = document_next(document, block)) {
        struct chat_part part = {0};

        if (!messages_read_block(reader, block, false, &part))
            return false;
        messages_put_paragraph(&joined, part.text);
    }
    *out = buffer_text(&joined);
    return true;
}
