/* Reasoning in Chat Completions, where every host has its own way: the list reasoning_details of
 * OpenRouter, which goes back unchanged and comes in fragments; parts "thinking" of Mistral, which
 * may be signed; and tags in front of the content, from servers that do not know their model. */
#include "document/json_write.h"
#include "provider/openai.h"
#include "provider/reply_json.h"

/* --- reasoning_details
 * ------------------------------------------------------------------------------- */

static void put_known(struct buffer *items, const char *name, struct text json)
{
    if (json.len == 0)
        return;
    json_put_name(items, name);
    buffer_put(items, json);
}

static void put_comma(struct buffer *items)
{
    if (items->len > 0)
        buffer_put_byte(items, ',');
}

static const char *text_member(struct text type)
{
    return text_equal(type, TEXT("reasoning.summary")) ? "summary" : "text";
}

/* The item whose text grew is complete. */
static void close_item(struct openai_thoughts *thoughts)
{
    struct buffer *items = &thoughts->items;

    if (thoughts->type.len == 0)
        return;
    put_comma(items);
    if (thoughts->raw.len > 0) {
        buffer_put(items, thoughts->raw);
    } else {
        buffer_put(items, TEXT("{\"type\":"));
        json_put_string(items, thoughts->type);
        json_put_text(items, text_member(thoughts->type), buffer_text(&thoughts->text));
        put_known(items, "signature", thoughts->signature);
        put_known(items, "id", thoughts->id);
        put_known(items, "format", thoughts->format);
        put_known(items, "index", thoughts->index);
        buffer_put_byte(items, '}');
    }
    thoughts->type = (struct text){0};
    thoughts->text.len = 0;
}

static void learn(struct text *known, const struct openai_piece *piece, uint32_t item,
                  const char *name)
{
    uint32_t at = reply_member(piece->document, item, name);

    if (at != CELL_NONE)
        *known = reply_json(piece->document, at, piece->kept);
}

void openai_take_detail(struct openai_piece *piece, uint32_t item)
{
    struct openai_thoughts *thoughts = &piece->stream->thoughts;
    struct text type = reply_string(piece->document, item, "type"),
                index = reply_json(piece->document, reply_member(piece->document, item, "index"),
                                   piece->arena);
    bool grows =
        text_equal(type, TEXT("reasoning.text")) || text_equal(type, TEXT("reasoning.summary"));

    if (thoughts->items.arena == NULL)
        thoughts->items = thoughts->text = buffer_in(piece->kept);
    if (!grows || piece->whole) {
        close_item(thoughts);
        put_comma(&thoughts->items);
        json_put_cell(&thoughts->items, piece->document, item);
        return;
    }
    if (text_equal(thoughts->type, type) && text_equal(thoughts->index, index)) {
        thoughts->raw = (struct text){0};
    } else {
        close_item(thoughts);
        thoughts->type = arena_copy(piece->kept, type);
        thoughts->index = arena_copy(piece->kept, index);
        thoughts->signature = thoughts->id = thoughts->format = (struct text){0};
        thoughts->raw = reply_json(piece->document, item, piece->kept);
    }
    buffer_put(&thoughts->text, reply_string(piece->document, item, text_member(type)));
    learn(&thoughts->signature, piece, item, "signature");
    learn(&thoughts->id, piece, item, "id");
    learn(&thoughts->format, piece, item, "format");
}

void openai_take_thinking(struct openai_piece *piece, uint32_t part)
{
    struct openai_thoughts *thoughts = &piece->stream->thoughts;

    if (!thoughts->thinking)
        thoughts->signature = (struct text){0};
    thoughts->thinking = true;
    if (reply_string(piece->document, part, "signature").len > 0)
        learn(&thoughts->signature, piece, part, "signature");
}

/* --- states
 * ------------------------------------------------------------------------------------------ */

static struct text thinking_state(struct openai_thoughts *thoughts, struct arena *arena)
{
    struct buffer state = buffer_in(arena);

    buffer_put_byte(&state, '{');
    put_known(&state, "signature", thoughts->signature);
    buffer_put_byte(&state, '}');
    thoughts->thinking = false;
    return buffer_text(&state);
}

static struct text take_state(struct openai_thoughts *thoughts, struct arena *arena)
{
    struct text state;

    if (thoughts->thinking)
        return thinking_state(thoughts, arena);
    close_item(thoughts);
    if (thoughts->items.len == 0)
        return (struct text){0};
    state = arena_printf(arena, "[%.*s]", TEXT_ARG(buffer_text(&thoughts->items)));
    thoughts->items.len = 0;
    return state;
}

void openai_tell_state(struct openai_piece *piece)
{
    struct text state = take_state(&piece->stream->thoughts, piece->arena);
    struct chat_event *event;

    if (state.len == 0)
        return;
    event = chat_events_add(piece->out, piece->arena, CHAT_EVENT_STATE);
    event->text = state;
    event->state_of = piece->dialect;
}

/* --- tags
 * -------------------------------------------------------------------------------------------- */

static const struct text opening = TEXT_INIT("<think>"), closing = TEXT_INIT("</think>");

/* Takes bytes of `text` as long as they go on with the tag; false when one does not. */
static bool match(struct openai_tag *tag, struct text *text, struct text looked_for)
{
    while (text->len > 0 && tag->matched < looked_for.len) {
        if (text->at[0] != looked_for.at[tag->matched])
            return false;
        *text = text_after(*text, 1);
        tag->matched++;
    }
    return true;
}

/* How many bytes at the end of `text` a tag may begin with that goes on in the next piece. */
static size_t begun_at_end(struct text text, struct text looked_for)
{
    size_t len = text.len < looked_for.len ? text.len : looked_for.len - 1;

    while (len > 0 && !text_ends(text, text_first(looked_for, len)))
        len--;
    return len;
}

/* All of a piece is told at once, whatever in it resembles the tag. */
static void tell_thoughts(struct openai_piece *piece, struct text *text)
{
    struct openai_tag *tag = &piece->stream->tag;
    size_t at;

    if (tag->matched > 0 && !match(tag, text, closing)) {
        openai_tell(piece, CHAT_EVENT_REASONING, text_first(closing, tag->matched));
        tag->matched = 0;
    }
    if (tag->matched == 0) {
        at = text_find(*text, closing);
        if (at < text->len)
            tag->matched = closing.len;
        else
            at = text->len - (tag->matched = begun_at_end(*text, closing));
        openai_tell(piece, CHAT_EVENT_REASONING, text_first(*text, at));
        *text = text_after(*text, at + tag->matched);
    }
    if (tag->matched < closing.len)
        return;
    tag->matched = 0;
    tag->at = TAG_CLOSED;
}

void openai_tell_content(struct openai_piece *piece, struct text content)
{
    struct openai_tag *tag = &piece->stream->tag;

    if (content.len > 0 && tag->at == TAG_MAY_COME) {
        bool may = match(tag, &content, opening);

        if (!may) {
            struct text held = text_first(opening, tag->matched);

            tag->at = TAG_PASSED;
            openai_tell(piece, CHAT_EVENT_TEXT, held);
        } else if (tag->matched == opening.len) {
            tag->at = TAG_OPEN;
        }
        if (!may || tag->at == TAG_OPEN)
            tag->matched = 0;
    }
    if (tag->at == TAG_OPEN)
        tell_thoughts(piece, &content);
    if (tag->at == TAG_CLOSED) { /* and the empty lines behind it */
        while (content.len > 0 && (content.at[0] == '\n' || content.at[0] == '\r'))
            content = text_after(content, 1);
        if (content.len > 0)
            tag->at = TAG_PASSED;
    }
    if (tag->at == TAG_PASSED)
        openai_tell(piece, CHAT_EVENT_TEXT, content);
}

void openai_end(struct openai_piece *piece)
{
    struct openai_tag *tag = &piece->stream->tag;

    if (tag->at == TAG_MAY_COME)
        openai_tell(piece, CHAT_EVENT_TEXT, text_first(opening, tag->matched));
    else if (tag->at == TAG_OPEN)
        openai_tell(piece, CHAT_EVENT_REASONING, text_first(closing, tag->matched));
    tag->matched = 0;
    openai_tell_state(piece);
}
