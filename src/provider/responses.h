/* provider/responses.h
 * Private to the OpenAI Responses dialect: what its files share. Errors, embeddings, header lines
 * and models are those of Chat Completions (provider/openai.h). */
#pragma once
#include "document/document.h"
#include "provider/openai.h"

/* Items beyond it are passed over. */
enum { RESPONSES_ITEMS_MAX = 1024 };

enum responses_type { ITEM_OTHER, ITEM_MESSAGE, ITEM_CALL, ITEM_REASONING };

/* What was told of an item of the output so far, so that what its end repeats is not told again. */
struct responses_item {
    int64_t index; /* its place in the output */
    enum responses_type type;
    int64_t parts; /* MESSAGE, REASONING: parts that something was told of */
    bool raw;      /* REASONING: they were the reasoning itself, not its summary */
    bool begun;    /* CALL: it was told, as ... */
    uint32_t call; /* ... this number */
    bool argued;   /* CALL: and something of its arguments */
    bool done;
};

struct responses_stream {
    bool started; /* id and model were told */
    struct responses_item *items;
    uint32_t item_count, item_room;
    uint32_t calls;
    int64_t told; /* the item that was told of last */
};

/* An answer, or an event of a stream, as it is read. */
struct responses_reading {
    struct responses_stream *stream;
    const struct document *document;
    struct arena *kept;  /* for what the stream remembers */
    struct arena *arena; /* for the steps */
    struct chat_events *out;
};

/* The member input, and instructions in front of it where the chat begins with a system message.
 * `instruction` (may be empty) is put before what others say. */
void responses_put_input(struct buffer *body, const struct chat *chat, struct text instruction,
                         struct arena *arena);
/* What a reasoning item must be sent back with, as a JSON value in the arena; empty when it cannot
 * be: nothing is stored at the provider that its id would mean. */
struct text responses_state(const struct document *document, uint32_t item, struct arena *arena);

/* The record of the item at that place, begun when there is none yet; NULL when there are too many.
 */
struct responses_item *responses_item_at(const struct responses_reading *it, int64_t index);
/* An item begins; nothing of it was told yet. */
void responses_begin_item(const struct responses_reading *it, struct responses_item *item,
                          uint32_t cell);
/* Takes what an item says in the end, or of one whose pieces were told already the rest. */
void responses_take_item(const struct responses_reading *it, struct responses_item *item,
                         uint32_t cell);
/* Pieces of an item; empty ones say nothing. `part` counts its parts. */
void responses_tell_text(const struct responses_reading *it, struct responses_item *item,
                         enum chat_event_type type, int64_t part, struct text text);
void responses_tell_thought(const struct responses_reading *it, struct responses_item *item,
                            bool raw, int64_t part, struct text text);
void responses_tell_arguments(const struct responses_reading *it, struct responses_item *item,
                              struct text text);
/* Tells id and model, if they were not yet. */
void responses_tell_start(const struct responses_reading *it, uint32_t response);
/* Takes a response that has ended: its items, why it ended, and its usage. False with *failure when
 * it failed. `status` is how it ended; if "completed", its own word counts more. */
bool responses_take(const struct responses_reading *it, uint32_t response, struct text status,
                    struct failure *failure);

/* Members of struct dialect. */
bool responses_answer(struct text body, struct arena *arena, struct chat_answer *out,
                      struct failure *failure);
bool responses_event(void *stream, const struct wire_event *event, struct arena *kept,
                     struct arena *arena, struct chat_events *out, struct failure *failure);
