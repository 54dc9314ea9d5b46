/* What is kept and referred to: the conversation that a call goes on from, and single items. They
 * are read as those that are sent; what is wrong with them for this endpoint is told where they are
 * referred to. */
#include "surface/responses_talk.h"

#include "document/json_read.h"

enum { WORD_SHOWN = 64 };

/* --- references ----------------------------------------------------------------------------------
 */

/* An item of another document; what is wrong with it is told of `at` in the body. */
static bool take_kept(struct talk *talk, const struct document *document, uint32_t item,
                      const char *at)
{
    struct call_body body = {.document = *document};
    struct error why = {0};
    struct body_reader inner = *talk->reader;
    bool before = talk->kept, good;

    inner.body = &body;
    inner.err = &why;
    talk->kept = true;
    good = talk_take_item(&inner, talk, item);
    talk->kept = before;
    if (!good && why.code != ERROR_NONE)
        error_set(talk->reader->err, why.code, at, "what is referred to cannot be said here: %s",
                  why.message);
    return good;
}

static bool refuse_unknown(struct talk *talk, uint32_t at, struct text id)
{
    body_refuse(talk->reader, at, ERROR_ITEM_NOT_FOUND,
                talk_about(talk->reader, "there is no item", id, "that is kept for this token"));
    error_hint(talk->reader->err,
               "send the item itself; SDKs do so with \"store\": false in their calls");
    return false;
}

static uint32_t item_at(const struct document *list, uint32_t place, struct text id)
{
    uint32_t item = 1, found;

    if (place >= list->cells[0].size)
        return CELL_NONE;
    while (place-- > 0)
        item = document_next(list, item);
    found = document_member(list, item, TEXT("id"));
    return found != CELL_NONE && list->cells[found].type == CELL_STRING &&
                   text_equal(document_text(list, found), id)
               ? item
               : CELL_NONE;
}

/* A reference is short and what it stands for may be long: whoever could repeat it would say, and
 * have kept, far more than it sends. */
static bool name_once(struct talk *talk, uint32_t at, struct text id, bool *named)
{
    if (*named)
        return body_refuse(talk->reader, at, ERROR_INVALID_REQUEST,
                           talk_about(talk->reader, "the item", id, "is referred to twice"));
    return *named = true;
}

/* The turn that an item is kept with. */
static const struct turn *turn_of(const struct talk *talk, struct text characters)
{
    const struct call_body *body = talk->reader->body;

    for (size_t i = 0; i < body->reference_count; i++) {
        struct text id = text_after(body->references[i].id, strlen(RESPONSES_PREFIX));

        if (text_equal(id, characters))
            return talk->turns[i].count > 0 ? &talk->turns[i].items[talk->turns[i].count - 1]
                                            : NULL;
    }
    return NULL;
}

bool talk_take_reference(struct body_reader *reader, struct talk *talk, uint32_t item)
{
    struct text id, characters;
    uint32_t at, place, found;
    const struct turn *turn;
    const struct document *list;
    bool input;

    if (talk->kept) /* what is kept refers to nothing */
        return error_set(reader->err, ERROR_INVALID_REQUEST, "", "a reference was kept");
    if (!body_string(reader, item, "id", &at, &id))
        return body_refuse(reader, at, ERROR_INVALID_REQUEST, "a reference needs an 'id'");
    if (!responses_item_of(id, &characters, &input, &place))
        return refuse_unknown(talk, at, id);
    turn = turn_of(talk, characters);
    if (turn == NULL)
        return refuse_unknown(talk, at, id);
    list = input ? &turn->input : &turn->output;
    found = item_at(list, place, id);
    if (found == CELL_NONE)
        return refuse_unknown(talk, at, id);
    return name_once(talk, at, id, &(input ? turn->input_named : turn->output_named)[place]) &&
           take_kept(talk, list, found,
                     arena_terminated(reader->arena, document_pointer(&reader->body->document, item,
                                                                      reader->arena)));
}

/* --- what it goes on from ------------------------------------------------------------------------
 */

/* Written by the gateway, of a few short members to each item: more values than somebody else's
 * text of that length may have. */
static bool read_turn(struct body_reader *reader, const struct response_record *record,
                      struct turn *out)
{
    const struct json_limits limits = {.depth = BODY_DEPTH_MAX, .nodes = JSON_UNLIMITED};

    out->record = record;
    if (!json_read(record->input, &limits, reader->arena, &out->input, NULL, NULL) ||
        !json_read(record->output, &limits, reader->arena, &out->output, NULL, NULL) ||
        out->input.cells[0].type != CELL_ARRAY || out->output.cells[0].type != CELL_ARRAY)
        return false;
    out->input_named = ARENA_ARRAY(reader->arena, bool, out->input.cells[0].size);
    out->output_named = ARENA_ARRAY(reader->arena, bool, out->output.cells[0].size);
    return true;
}

static bool refuse_previous(struct body_reader *reader, const struct surface_reference *reference)
{
    bool long_one = reference->want != NULL && reference->want->too_long;

    error_set(reader->err, long_one ? ERROR_INVALID_REQUEST : ERROR_PREVIOUS_RESPONSE_NOT_FOUND,
              "previous_response_id",
              long_one ? "the conversation that '%.*s' goes on from is longer than one may be"
                       : "there is no response '%.*s' to go on from that is kept for this token, "
                         "with all that it goes on from itself",
              TEXT_ARG(text_first(reference->id, WORD_SHOWN)));
    error_hint(reader->err, "send the whole conversation as 'input'");
    return false;
}

/* Reads all that is kept of what the body refers to; *out_items counts what is in it. */
bool talk_read_turns(struct body_reader *reader, struct talk *talk, size_t *out_items)
{
    const struct call_body *body = reader->body;

    talk->turns = ARENA_ARRAY(reader->arena, struct turns, body->reference_count);
    *out_items = 0;
    for (size_t i = 0; i < body->reference_count; i++) {
        const struct surface_reference *reference = &body->references[i];
        size_t count = reference->want != NULL ? reference->want->found_count : 0;
        struct turns *turns = &talk->turns[i];

        if (count == 0 && reference->chain)
            return refuse_previous(reader, reference);
        turns->items = ARENA_ARRAY(reader->arena, struct turn, count);
        for (; turns->count < count; turns->count++) {
            struct turn *turn = &turns->items[turns->count];

            if (!read_turn(reader, &reference->want->found[turns->count], turn))
                return error_set(reader->err, ERROR_RECORD_DAMAGED, NULL,
                                 "a kept response does not read");
            *out_items += turn->input.cells[0].size + turn->output.cells[0].size;
        }
    }
    return true;
}

static bool take_list(struct talk *talk, const struct document *list)
{
    for (uint32_t item = 1; item < list->cells[0].end; item = document_next(list, item))
        if (!take_kept(talk, list, item, "previous_response_id"))
            return false;
    talk_end_saying(talk);
    return true;
}

/* What the model got in place of the last that its user said; not told to other endpoints' models,
 * because a prompt is in it. */
static void put_asked(struct talk *talk, size_t from, const struct response_record *record)
{
    if (record->asked.len == 0 || !text_equal(record->endpoint, talk->reader->endpoint->slug))
        return;
    for (size_t i = talk->count; i-- > from;)
        if (talk->messages[i].role == CHAT_USER) {
            talk->asked[i] = record->asked;
            return;
        }
}

bool talk_take_chain(struct talk *talk)
{
    const struct call_body *body = talk->reader->body;

    for (size_t i = 0; i < body->reference_count && body->references[i].chain; i++)
        for (size_t k = 0; k < talk->turns[i].count; k++) {
            const struct turn *turn = &talk->turns[i].items[k];
            size_t from = talk->count;

            if (!take_list(talk, &turn->input))
                return false;
            put_asked(talk, from, turn->record);
            if (!take_list(talk, &turn->output))
                return false;
        }
    return true;
}
