/* What a message says: a text, or a list of texts and images. An image is named by its URL, which
 * the provider fetches, or comes along as data; either is checked here, so that what is wrong with
 * it is said by us and not, in other words, by each provider. */
#include "surface/body_reader.h"

#include "base/buffer.h"

enum { URL_BYTES_MAX = 8192 };

/* --- images --------------------------------------------------------------------------------------
 */

/* RFC 4648 section 4, with its padding and nothing between. */
static bool is_base64(struct text data)
{
    size_t padding = text_ends(data, TEXT("==")) ? 2 : text_ends(data, TEXT("="));

    if (data.len == 0 || data.len % 4 != 0)
        return false;
    for (size_t i = 0; i < data.len - padding; i++) {
        char byte = data.at[i];

        if (!(byte >= 'A' && byte <= 'Z') && !(byte >= 'a' && byte <= 'z') &&
            !(byte >= '0' && byte <= '9') && byte != '+' && byte != '/')
            return false;
    }
    return true;
}

bool body_image_data(struct text media_type, struct text data, struct chat_part *out)
{
    static const char *const types[] = {"image/png", "image/jpeg", "image/gif", "image/webp"};

    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (text_equal_nocase(media_type, text_of(types[i])))
            out->media_type = text_of(types[i]);
    out->type = CHAT_IMAGE;
    out->data = data;
    return out->media_type.len > 0 && is_base64(data);
}

/* data:image/png;base64,... (RFC 2397) */
static bool read_data_url(struct text url, struct chat_part *out)
{
    struct text rest = text_after(url, sizeof "data:" - 1);
    struct text head = text_split(&rest, ',');
    struct text type = text_split(&head, ';');

    return text_equal_nocase(head, TEXT("base64")) && body_image_data(type, rest, out);
}

static bool is_https_url(struct text url)
{
    static const struct text start = TEXT_INIT("https://");

    if (url.len <= start.len || url.len > URL_BYTES_MAX ||
        !text_equal_nocase(text_first(url, start.len), start) || url.at[start.len] == '/')
        return false;
    for (size_t i = 0; i < url.len; i++)
        if ((unsigned char)url.at[i] <= ' ' || (unsigned char)url.at[i] >= 0x7F)
            return false;
    return true;
}

bool body_image_url(struct text url, struct chat_part *out)
{
    out->type = CHAT_IMAGE;
    out->text = url;
    return is_https_url(url);
}

static bool read_detail(struct body_reader *reader, uint32_t image, struct chat_part *out)
{
    uint32_t at;

    at = document_member(&reader->body->document, image, TEXT("detail"));
    if (at == CELL_NONE || (reader->lenient && reader->body->document.cells[at].type == CELL_NULL))
        return true;
    if (body_string(reader, image, "detail", &at, &out->detail) &&
        (text_equal(out->detail, TEXT("auto")) || text_equal(out->detail, TEXT("low")) ||
         text_equal(out->detail, TEXT("high"))))
        return true;
    return body_refuse(reader, at, ERROR_INVALID_REQUEST,
                       "'detail' must be \"auto\", \"low\" or \"high\"");
}

bool body_read_image(struct body_reader *reader, uint32_t image, uint32_t at, struct chat_part *out)
{
    struct text url = document_text(&reader->body->document, at);

    if (!read_detail(reader, image, out))
        return false;
    if (text_equal_nocase(text_first(url, sizeof "data:" - 1), TEXT("data:")))
        return read_data_url(url, out) ||
               body_refuse(reader, at, ERROR_INVALID_REQUEST,
                           "an image as data is data:image/png;base64,..., or jpeg, gif or webp, "
                           "in base64 with its padding");
    return body_image_url(url, out) ||
           body_refuse(reader, at, ERROR_INVALID_REQUEST,
                       "the URL of an image must be https://... in printable ASCII, at most 8192 "
                       "bytes, or data:image/...;base64,...");
}

static bool read_image(struct body_reader *reader, uint32_t part, struct chat_part *out)
{
    static const char *const names[] = {"url", "detail", NULL};
    const struct document *document = &reader->body->document;
    uint32_t image = document_member(document, part, TEXT("image_url")), at;
    struct text url;

    if (image == CELL_NONE || document->cells[image].type != CELL_OBJECT ||
        !body_string(reader, image, "url", &at, &url))
        return body_refuse(reader, image == CELL_NONE ? part : image, ERROR_INVALID_REQUEST,
                           "an image is {\"type\": \"image_url\", \"image_url\": {\"url\": "
                           "\"...\"}}");
    return body_knows(reader, image, names, "'image_url' has 'url' and optionally 'detail'") &&
           body_read_image(reader, image, at, out);
}

/* --- parts ---------------------------------------------------------------------------------------
 */

static bool read_part(struct body_reader *reader, uint32_t part, enum chat_role role,
                      struct chat_part *out)
{
    static const char *const text_names[] = {"type", "text", NULL};
    static const char *const image_names[] = {"type", "image_url", NULL};
    bool images = role == CHAT_USER;
    struct text type = {0};
    uint32_t at;

    if (reader->body->document.cells[part].type == CELL_OBJECT &&
        body_string(reader, part, "type", &at, &type)) {
        if (text_equal(type, TEXT("text")) && body_string(reader, part, "text", &at, &out->text))
            return body_knows(reader, part, text_names, "a text has 'type' and 'text'");
        if (text_equal(type, TEXT("image_url")) && images)
            return body_knows(reader, part, image_names, "an image has 'type' and 'image_url'") &&
                   read_image(reader, part, out);
    }
    return body_refuse(reader, part, ERROR_INVALID_REQUEST,
                       images ? "parts are {\"type\": \"text\", \"text\": \"...\"} and {\"type\": "
                                "\"image_url\", \"image_url\": {\"url\": \"...\"}}"
                              : "parts of this role are {\"type\": \"text\", \"text\": \"...\"}");
}

bool body_read_parts(struct body_reader *reader, uint32_t at, body_part_reader *read,
                     struct chat_message *out)
{
    const struct document *document = &reader->body->document;
    struct buffer joined = buffer_in(reader->arena);
    struct chat_part *parts;
    bool images = false;
    size_t count = 0;

    if (document->cells[at].type == CELL_STRING) {
        out->text = document_text(document, at);
        return true;
    }
    if (document->cells[at].type != CELL_ARRAY)
        return body_refuse(reader, at, ERROR_INVALID_REQUEST,
                           "'content' must be a string or a list of parts");
    parts = ARENA_ARRAY(reader->arena, struct chat_part, document->cells[at].size);
    for (uint32_t part = at + 1; part < document->cells[at].end;
         part = document_next(document, part)) {
        if (!read(reader, part, out->role, &parts[count]))
            return false;
        if (parts[count].type == CHAT_TEXT)
            buffer_put(&joined, parts[count].text);
        images |= parts[count++].type == CHAT_IMAGE;
    }
    out->text = buffer_text(&joined);
    out->parts = images ? parts : NULL; /* texts alone are one */
    out->part_count = images ? count : 0;
    return true;
}

bool body_read_content(struct body_reader *reader, uint32_t at, struct chat_message *out)
{
    return body_read_parts(reader, at, read_part, out);
}
