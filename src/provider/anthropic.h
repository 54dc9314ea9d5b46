/* provider/anthropic.h
 * Private to the Anthropic dialect: what its files share. */
#pragma once
#include "base/buffer.h"
#include "document/document.h"
#include "provider/anthropic_model.h"
#include "provider/dialect.h"

/* The tool that an answer is forced into where there is no structured output: its arguments are the
 * answer. Longer than any caller's tool can be called, so that it is told apart without memory. */
#define ANTHROPIC_ANSWER_TOOL                                                                      \
    "give_the_final_answer_as_the_arguments_of_this_tool_which_is_called_exactly_once"
_Static_assert(sizeof ANTHROPIC_ANSWER_TOOL - 1 > 64, "a caller's tool could have this name");

/* How the model is to be held to the output schema. */
enum anthropic_output {
    OUTPUT_FREE,
    OUTPUT_FORMAT, /* output_config.format */
    OUTPUT_TOOL,   /* the forced tool */
    OUTPUT_TOLD    /* by words alone */
};
/* What is settled before anything is written, since it depends on one another. */
struct anthropic_plan {
    const struct anthropic_model *model;
    enum anthropic_output output;
    int64_t max_tokens;
    int64_t budget;     /* for thinking; 0: none */
    const char *effort; /* NULL: the model's own; with it thinking is adaptive, unless... */
    bool quiet;         /* ... it is only to be kept short */
    bool disabled;      /* thinking is switched off */
};
/* Settles it. */
void anthropic_plan(const struct chat *chat, struct arena *arena, struct anthropic_plan *out);

/* Parts of the request's body: each adds its members. */
void anthropic_put_system(struct buffer *body, const struct chat *chat,
                          const struct anthropic_plan *plan, struct arena *arena);
void anthropic_put_messages(struct buffer *body, const struct chat *chat,
                            const struct anthropic_plan *plan, struct arena *arena);
void anthropic_put_tools(struct buffer *body, const struct chat *chat,
                         const struct anthropic_plan *plan);
/* Whether a tool takes the schema as its input: an object of JSON Schema 2020-12 by its `type`,
 * without alternatives at the root, with plain names there, and complete in itself. */
bool anthropic_tool_takes(const struct document *schema, uint32_t root);

/* Members of struct dialect. */
bool anthropic_answer(struct text body, struct arena *arena, struct chat_answer *out,
                      struct failure *failure);
bool anthropic_event(void *stream, const struct wire_event *event, struct arena *kept,
                     struct arena *arena, struct chat_events *out, struct failure *failure);
void anthropic_refusal(const struct wire_refusal *refusal, struct arena *arena,
                       struct failure *failure);

/* Why the model stopped. `called`: a tool of the caller's, which the forced one is not. */
enum chat_finish anthropic_finish(struct text reason, bool called);
/* How many tokens, as far as they are known: of a stream first the input's, then all. */
struct anthropic_usage {
    int64_t input, cache_write, cache_read, output, thinking;
    bool input_known, output_known;
    bool absurd; /* some number cannot be true: none is believed */
};
/* Takes over what is said in the object `usage`, which may be CELL_NONE. */
void anthropic_usage_read(const struct document *document, uint32_t usage,
                          struct anthropic_usage *out);
/* False, and nothing, when the provider did not report it. */
bool anthropic_usage_told(const struct anthropic_usage *usage, struct chat_usage *out);
/* What a block of thinking must be sent back with: its signature, or all of one that is not shown.
 * A JSON value in the arena; empty when there is nothing. */
struct text anthropic_signature(struct text signature, struct arena *arena);
struct text anthropic_redacted(struct text data, struct arena *arena);

enum anthropic_block { BLOCK_OTHER, BLOCK_TEXT, BLOCK_THINKING, BLOCK_CALL, BLOCK_ANSWER };
struct anthropic_stream {
    bool started;
    bool open;     /* a block is under way */
    int64_t index; /* ... of this number; negative: not said */
    enum anthropic_block block;
    struct text input;     /* CALL, ANSWER: what came with its start, if anything; kept */
    bool argued;           /* CALL, ANSWER: something came behind it */
    struct text signature; /* THINKING: its state, kept */
    uint32_t calls;        /* of the caller's tools so far */
    struct anthropic_usage usage;
};

/* Fills *failure with what an error inside a 200 means and returns false. */
bool anthropic_error_inside(const struct document *document, uint32_t error,
                            struct failure *failure);
