/* surface/messages.h
 * Private to messages*.c: Anthropic's Messages, as their clients speak them (API reference, "Create
 * a Message" and "Count Message tokens", and what the SDKs send and expect). */
#pragma once
#include "surface/json_end.h"
#include "surface/surface.h"

struct body_reader;

/* messages_read.c */
bool messages_read(struct body_reader *reader);

/* messages_turns.c: the conversation at `at`, in front of it what stands at `system` (CELL_NONE:
 * nothing). */
bool messages_take_turns(struct body_reader *reader, uint32_t system, uint32_t at);

/* messages_blocks.c: the type of the block at `block`; false where it has none. */
bool messages_block_type(struct body_reader *reader, uint32_t block, struct text *out);
/* Reads what is no text: an image. Fails for a block that such a message does not take. */
bool messages_read_block(struct body_reader *reader, uint32_t block, bool images,
                         struct chat_part *out);
/* A text, or a list of text blocks, which become paragraphs. */
bool messages_read_text(struct body_reader *reader, uint32_t at, struct text *out);
/* Adds a paragraph to those in front of it. */
void messages_put_paragraph(struct buffer *out, struct text text);

/* messages.c: what a message and its end in a stream say alike. */
void messages_put_stop(const struct surface_said *said, struct buffer *out);
void messages_put_usage(const struct chat_usage *usage, struct buffer *out);
/* The beginning of a message, up to its content: {"id", "type", ..., */
void messages_put_head(const struct surface_said *said, struct buffer *out);
void messages_put_fault(const struct surface_fault *fault, struct buffer *out);

/* messages_stream.c */
enum messages_block { BLOCK_NONE, BLOCK_TEXT, BLOCK_REFUSAL, BLOCK_CALL };
struct messages_stream {
    enum messages_block open;  /* the block under way */
    uint32_t blocks;           /* that have begun */
    uint32_t calls;            /* of them, of tools */
    struct json_end arguments; /* of the call under way */
    /* How much of the answer was written. */
    size_t text_bytes, refusal_bytes;
    bool late; /* something is left for the end */
};
void messages_begin(void *stream, const struct surface_said *said, struct buffer *out);
void messages_event(void *stream, const struct surface_said *said, const struct chat_event *event,
                    struct buffer *out);
void messages_end(void *stream, const struct surface_said *said, struct buffer *out);
void messages_cut(void *stream, const struct surface_fault *fault, struct buffer *out);
