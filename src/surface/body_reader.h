/* surface/body_reader.h
 * Private to this room: what is handed around while one body is read, and what its surfaces read
 * alike. */
#pragma once
#include "surface/surface.h"

struct body_reader {
    const struct endpoint *endpoint;
    struct schema_cache *schemas;
    struct arena *arena;
    struct call_body *body;
    struct error *err;
    uint32_t choice_at; /* cell of `tool_choice`; 0: there is none */
    bool lenient;       /* members that nobody knows are passed over */
};

/* body.c: fails with the JSON Pointer of cell `at` of the body. */
bool body_refuse(struct body_reader *reader, uint32_t at, enum error_code code, const char *what);
/* Whether the input schema's root declares this name. */
bool body_declares(const struct body_reader *reader, struct text name);

/* body_control.c: takes the member whose key is cell `key` if it is a control field, or a parameter
 * this endpoint knows of; *out_taken says whether it was either. */
bool body_take_control(struct body_reader *reader, uint32_t key, bool *out_taken);
bool body_take_param(struct body_reader *reader, uint32_t key, bool *out_taken);
/* Whether callers of the endpoint may set the parameter of that name. */
bool body_allows_param(const struct body_reader *reader, struct text name);
/* Takes the value at `at` as that parameter. */
bool body_set_param(struct body_reader *reader, enum chat_param param, uint32_t at);
/* Takes `json` as that parameter, which stands at `at` in other words. */
bool body_put_param(struct body_reader *reader, enum chat_param param, uint32_t at,
                    struct text json);

/* A growing copy of an object of the body without what is taken out of it. */
struct body_copy {
    const struct document *from;
    struct cell *cells;
    uint32_t object, count, members;
};
struct body_copy body_copy_of(struct body_reader *reader, uint32_t object);
/* Keeps the member whose key is that cell, behind those that are kept already. */
void body_copy_keep(struct body_copy *copy, uint32_t key);
/* What was kept is the input. */
void body_copy_take(const struct body_copy *copy, struct body_reader *reader);

/* A string member of an object that must be one: false also when there is none. *out_at is its
 * cell, or that of the object, to refuse it by. */
bool body_string(const struct body_reader *reader, uint32_t object, const char *name,
                 uint32_t *out_at, struct text *out);
/* Fails for the first member of an object that is none of `names` (NULL at the end); never where
 * the reader is lenient. */
bool body_knows(struct body_reader *reader, uint32_t object, const char *const *names,
                const char *what);

/* body_tools.c: the control fields about tools, and what they must be to one another. */
bool body_take_tools(struct body_reader *reader, uint32_t at);
bool body_take_tool_choice(struct body_reader *reader, uint32_t at);
bool body_take_parallel_calls(struct body_reader *reader, uint32_t at);
bool body_check_tools(struct body_reader *reader);
/* `tools` of a surface whose tools are written otherwise: `read` reads one of them, by way of
 * body_read_tool, which takes its name, its description, whether it is strict, and the schema of
 * its arguments out of the member `parameters` of the object at `at`. */
typedef bool body_tool_reader(struct body_reader *reader, uint32_t at, struct chat_tool *out);
bool body_take_tool_list(struct body_reader *reader, uint32_t at, body_tool_reader *read);
bool body_read_tool(struct body_reader *reader, uint32_t at, const char *parameters,
                    struct chat_tool *out);
/* Fails: callers of the endpoint bring no tools along. */
bool body_refuse_tools(struct body_reader *reader, uint32_t at);
/* Whether it is [A-Za-z0-9_-]{1,64}. */
bool body_is_tool_name(struct text name);

/* body_schema.c: the caller's own schema of the answer: the JSON Schema at `at`, or any object.
 * Nothing where the endpoint has one of its own, which holds. */
bool body_take_schema(struct body_reader *reader, uint32_t at);
bool body_take_any_object(struct body_reader *reader, uint32_t at);
/* Fails with what is wrong inside of the schema that stands at `at`. */
bool body_refuse_schema(struct body_reader *reader, uint32_t at, const struct error *why);

/* body_content.c: what a message says: `at` is its content, text, or parts of which only a user's
 * may be images. */
bool body_read_content(struct body_reader *reader, uint32_t at, struct chat_message *out);
/* Likewise of a surface whose parts are others: `read` reads one of them, TEXT or IMAGE. */
typedef bool body_part_reader(struct body_reader *reader, uint32_t part, enum chat_role role,
                              struct chat_part *out);
bool body_read_parts(struct body_reader *reader, uint32_t at, body_part_reader *read,
                     struct chat_message *out);
/* An image, whose URL or data URL stands at `at`; `image` may have a `detail`. */
bool body_read_image(struct body_reader *reader, uint32_t image, uint32_t at,
                     struct chat_part *out);

/* An image: as data, base64 of a type that models take, or by its URL. False where it cannot be
 * one. */
bool body_image_data(struct text media_type, struct text data, struct chat_part *out);
bool body_image_url(struct text url, struct chat_part *out);

/* body_calls.c: the calls of the assistant message that was read last, until each is answered. */
struct body_calls {
    struct chat_part *items; /* CHAT_CALL */
    uint32_t *cells;         /* where each stands */
    bool *answered;
    size_t count, open;
    const char *wanted; /* what answers one, to say that it is missing */
};
/* Makes room for so many calls; adds one, whose id stands at `id_at`: it must be new. */
void body_calls_begin(struct body_reader *reader, size_t room, const char *wanted,
                      struct body_calls *calls);
bool body_calls_add(struct body_reader *reader, const struct chat_part *call, uint32_t cell,
                    uint32_t id_at, struct body_calls *calls);
/* The id of a call, a string member of an object. */
bool body_read_call_id(struct body_reader *reader, uint32_t object, const char *name,
                       uint32_t *out_at, struct text *out);
/* Adds the calls of the list at `at` to an assistant message that has its text. */
bool body_read_calls(struct body_reader *reader, uint32_t at, struct body_calls *calls,
                     struct chat_message *out);
/* Makes a part, whose text is read, the result of one of the calls: the one that the member `name`
 * of the object at `at` says. */
bool body_read_result(struct body_reader *reader, uint32_t at, const char *name,
                      struct body_calls *calls, struct chat_part *out);
/* Fails when one of the calls has no result. */
bool body_calls_answered(struct body_reader *reader, const struct body_calls *calls);

/* body_messages.c */
enum { BODY_MESSAGES_MAX = 1000 };
/* A message that is the input: JSON where it is JSON and a schema says what is
 * expected, else a string. */
void body_take_input(struct body_reader *reader, struct text message);
/* Divides a conversation at its input, the last message of a user; `at` is where it stands. */
bool body_split_at_input(struct body_reader *reader, uint32_t at,
                         const struct chat_message *messages, size_t count);
/* The forms {"message"} and {"messages"}; `at` is the member's value. */
bool body_take_message(struct body_reader *reader, uint32_t at);
bool body_take_messages(struct body_reader *reader, uint32_t at);
