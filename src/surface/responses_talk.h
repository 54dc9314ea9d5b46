/* surface/responses_talk.h
 * Private to responses_items.c and responses_kept.c: a conversation as it is put together of items,
 * those of the body and those that it refers to. */
#pragma once
#include "surface/responses.h"

/* A kept answer, and what it was an answer to. */
struct turn {
    const struct response_record *record;
    struct document input, output;
    bool *input_named, *output_named; /* which of their items the body has referred to */
};
struct turns {
    struct turn *items;
    size_t count;
};

/* The conversation as it is put together. Parts of the assistant's messages stand behind each
 * other; those of the last are from `from` on. */
struct talk {
    struct body_reader *reader; /* of the body itself */
    const struct responses_call *call;
    struct turns *turns; /* one for each reference */
    struct chat_message *messages;
    struct text *asked; /* what the model got in place of each message's text; empty: just that */
    size_t count;
    struct chat_part *parts;
    uint32_t *cells; /* of calls, in the body; 0: they are not there */
    bool *answered;
    size_t part_count, from;
    bool saying; /* the last message of the assistant is under way */
    bool kept;   /* what is read now is not of the body */
};

/* responses_items.c: takes one item; `reader` reads the document that it stands in. */
bool talk_take_item(struct body_reader *reader, struct talk *talk, uint32_t item);
/* What the assistant says is at its end: what it says next is another message. */
void talk_end_saying(struct talk *talk);
/* A sentence about a word of the caller's, of which as much is shown as is of use. */
const char *talk_about(struct body_reader *reader, const char *before, struct text word,
                       const char *behind);

/* responses_kept.c: reads all that is kept of what the body refers to; *out_items counts what is in
 * it. */
bool talk_read_turns(struct body_reader *reader, struct talk *talk, size_t *out_items);
/* Takes what the call goes on from. */
bool talk_take_chain(struct talk *talk);
/* Takes the item that an item refers to. */
bool talk_take_reference(struct body_reader *reader, struct talk *talk, uint32_t item);
