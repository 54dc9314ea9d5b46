/* surface/responses.h
 * Private to responses*.c: OpenAI's Responses, as its clients speak them (API reference, "Create a
 * model response", and what the SDKs send and expect).
 *
 * An answer has an id, "resp_" and 26 characters, and so have its items: "msg_" or "fc_", the same
 * characters, and their place in the output; those of the input it was given have "in" in front of
 * it. So whoever refers to an item names the response that it is kept with. */
#pragma once
#include "surface/body_reader.h"
#include "surface/json_end.h"

#define RESPONSES_PREFIX "resp_"

/* What a call asks of its answer, noted while it is read. Cells are of the body; CELL_NONE: it does
 * not say. */
struct responses_call {
    bool store;
    struct text previous; /* the response it goes on from; empty: none */
    uint32_t input, instructions;
    uint32_t prompt, variables; /* of an endpoint, in the place of `model` and of an input */
    uint32_t tool_choice, format, metadata, parallel;
    uint32_t temperature, top_p, max_output_tokens, effort;
    bool prompted;   /* the variables of the prompt are the input */
    bool instructed; /* the first of the messages is its instructions */
    /* Of all messages: how many there are, and the first that is new in this call. */
    size_t message_count, first_new;
};

static inline struct responses_call *responses_call_of(const struct body_reader *reader)
{
    return reader->body->own;
}
static inline bool responses_is(const struct body_reader *reader, uint32_t at, enum cell_type type)
{
    return reader->body->document.cells[at].type == type;
}

/* responses_read.c */
bool responses_read(struct body_reader *reader);
bool responses_take_boolean(struct body_reader *reader, uint32_t at, bool *out);

/* responses_prompt.c */
bool responses_name(const struct call_body *body, struct surface_name *out, struct error *err);
bool responses_take_prompt(struct body_reader *reader, uint32_t at);
/* Makes the variables the input, where there are any. */
void responses_take_variables(struct body_reader *reader);

/* responses_tools.c: members of a call. */
bool responses_take_tools(struct body_reader *reader, uint32_t at);
bool responses_take_parallel(struct body_reader *reader, uint32_t at);
bool responses_take_choice_later(struct body_reader *reader, uint32_t at);
/* Takes the choice once the tools are known. */
bool responses_take_choice(struct body_reader *reader);

/* responses_refer.c */
bool responses_refer(struct call_body *body, struct arena *arena, struct error *err);
/* Takes an item's id apart: the 26 characters of its response, whether it is of its input, and its
 * place. False when it can be no item's. */
bool responses_item_of(struct text id, struct text *out_response, bool *out_input,
                       uint32_t *out_place);

/* responses_items.c: makes messages of all that was said: of what the call goes on from, and of its
 * own input, which stands in call->input (CELL_NONE: there is none). */
bool responses_take_items(struct body_reader *reader, struct responses_call *call);

/* responses_part.c: what one item says; `at` is its content, or the output of a call. */
bool responses_read_content(struct body_reader *reader, uint32_t at, struct chat_message *out);

/* responses_write.c: a response but for its items: what is in front of them, behind which `out`
 * ends in "output": , and what stands behind. */
enum responses_status { RESPONSES_UNDER_WAY, RESPONSES_COMPLETED, RESPONSES_INCOMPLETE };
enum responses_status responses_status_of(const struct chat_answer *answer);
void responses_put_head(const struct surface_said *said, enum responses_status status,
                        struct buffer *out);
void responses_put_tail(const struct surface_said *said, struct buffer *out);
/* The id of the item at that place of the output, as a string. */
void responses_put_id_value(const struct call_body *body, const char *prefix, uint32_t place,
                            struct buffer *out);
/* Items of an output. A text or a refusal that is empty is none. */
struct responses_message {
    struct text text, refusal;
    bool shown; /* the text is, though it is empty */
};
void responses_put_text_part(struct text text, struct buffer *out);
void responses_put_refusal_part(struct text refusal, struct buffer *out);
void responses_put_message(const struct call_body *body, uint32_t place, const char *status,
                           const struct responses_message *message, struct buffer *out);
void responses_put_call(const struct call_body *body, uint32_t place, const char *status,
                        const struct chat_part *call, struct buffer *out);
/* The list of an answer's items. */
void responses_put_output(const struct surface_said *said, struct buffer *out);

/* responses_keep.c */
bool responses_keep(const struct surface_said *said, struct surface_kept *out);

/* responses_stream.c */
struct responses_item {
    uint32_t number; /* of a call */
    bool is_call, done;
    bool text_begun, refusal_begun, text_ended; /* of a message */
    struct chat_part call;                      /* but for its arguments */
    struct buffer text, refusal;                /* of a call, its arguments */
    struct json_end arguments;                  /* of a call: whether something can follow */
};
struct responses_stream {
    uint64_t sequence;
    struct responses_item *items;
    uint32_t count, room;
};
void responses_stream_begin(void *stream, const struct surface_said *said, struct buffer *out);
void responses_stream_event(void *stream, const struct surface_said *said,
                            const struct chat_event *event, struct buffer *out);
void responses_stream_end(void *stream, const struct surface_said *said, struct buffer *out);
void responses_stream_cut(void *stream, const struct surface_fault *fault, struct buffer *out);
