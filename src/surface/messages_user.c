/* What a user says in a conversation of Messages, and what came of calls, which stands beside it
 * there: here each result is a message of its own, in front of the rest. */
#include "surface/messages_turns.h"

#include "base/buffer.h"

/* Of one message, beside the results in it. */
struct said {
    struct chat_part *parts;
    size_t count, room;
    struct buffer text;
    bool images;
    uint32_t shown_at; /* an image that is a tool's; 0: there is none */
};

static void say(struct turns *turns, struct said *said, const struct chat_part *part)
{
    if (said->count == said->room) {
        size_t room = said->room > 0 ? said->room * 2 : 4;

        said->parts = arena_grow(turns->reader->arena, said->parts,
                                 said->room * sizeof *said->parts, room * sizeof *said->parts);
        said->room = room;
    }
    said->parts[said->count++] = *part;
    said->images |= part->type == CHAT_IMAGE;
    if (part->type == CHAT_TEXT)
        messages_put_paragraph(&said->text, part->text);
}

/* Most providers take no image in a result: it follows in the user's message, and whose it is. */
static void show(struct turns *turns, struct said *said, struct text tool,
                 const struct chat_part *image, uint32_t block)
{
    const struct chat_part label = {
        .type = CHAT_TEXT,
        .text = arena_printf(turns->reader->arena, "Shown by the tool '%.*s':", TEXT_ARG(tool))};

    say(turns, said, &label);
    say(turns, said, image);
    said->shown_at = block;
}

static bool read_result_blocks(struct turns *turns, uint32_t content, struct said *said,
                               struct chat_part *out)
{
    const struct document *document = &turns->reader->body->document;
    struct buffer joined = buffer_in(turns->reader->arena);

    for (uint32_t block = content + 1; block < document->cells[content].end;
         block = document_next(document, block)) {
        struct chat_part part = {0};

        if (!messages_read_block(turns->reader, block, true, &part))
            return false;
        if (part.type == CHAT_IMAGE)
            show(turns, said, out->name, &part, block);
        else
            messages_put_paragraph(&joined, part.text);
    }
    out->text = buffer_text(&joined);
    return true;
}

static bool read_result_content(struct turns *turns, uint32_t block, struct said *said,
                                struct chat_part *out)
{
    const struct document *document = &turns->reader->body->document;
    uint32_t content = document_member(document, block, TEXT("content"));

    if (content == CELL_NONE || document->cells[content].type == CELL_NULL)
        return true;
    return document->cells[content].type == CELL_ARRAY
               ? read_result_blocks(turns, content, said, out)
               : messages_read_text(turns->reader, content, &out->text);
}

static bool read_result(struct turns *turns, uint32_t block, struct said *said)
{
    const struct document *document = &turns->reader->body->document;
    uint32_t failed = document_member(document, block, TEXT("is_error"));
    struct chat_part *part = ARENA_NEW(turns->reader->arena, struct chat_part);
    struct chat_message *message = turns_add(turns, CHAT_TOOL);

    if (!turns->reader->endpoint->allow_tools)
        return body_refuse_tools(turns->reader, block);
    if (!body_read_result(turns->reader, block, "tool_use_id", &turns->calls, part) ||
        !read_result_content(turns, block, said, part))
        return false;
    part->failed = failed != CELL_NONE && document->cells[failed].type == CELL_BOOLEAN &&
                   document->cells[failed].boolean;
    message->text = part->text;
    message->parts = part;
    message->part_count = 1;
    return true;
}

static bool add_said(struct turns *turns, const struct said *said)
{
    if (!turns_end_calls(turns))
        return false;
    *turns_add(turns, CHAT_USER) = (struct chat_message){
        .role = CHAT_USER,
        .text = buffer_text(&said->text),
        .parts = said->images ? said->parts : NULL, /* texts alone are one */
        .part_count = said->images ? said->count : 0,
    };
    turns->shown_at = said->shown_at;
    return true;
}

static bool read_user_blocks(struct turns *turns, uint32_t content)
{
    const struct document *document = &turns->reader->body->document;
    struct said said = {.text = buffer_in(turns->reader->arena)};
    bool results = false;

    for (uint32_t block = content + 1; block < document->cells[content].end;
         block = document_next(document, block)) {
        if (!turns_is_of_type(document, block, TEXT("tool_result")))
            continue;
        results = true;
        if (!read_result(turns, block, &said))
            return false;
    }
    for (uint32_t block = content + 1; block < document->cells[content].end;
         block = document_next(document, block)) {
        struct chat_part part = {0};

        if (turns_is_of_type(document, block, TEXT("tool_result")))
            continue;
        if (!messages_read_block(turns->reader, block, true, &part))
            return false;
        say(turns, &said, &part);
    }
    return (results && said.count == 0) || add_said(turns, &said);
}

bool turns_read_user(struct turns *turns, uint32_t content)
{
    const struct document *document = &turns->reader->body->document;

    if (document->cells[content].type == CELL_ARRAY)
        return read_user_blocks(turns, content);
    if (!turns_end_calls(turns))
        return false;
    turns_add(turns, CHAT_USER)->text = document_text(document, content);
    turns->shown_at = 0;
    return true;
}
