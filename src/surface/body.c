/* What the readers of all surfaces share: a document that is opened once, and errors that say where
 * in it something is wrong. */
#include "surface/body_reader.h"

#include "document/json_read.h"
#include "surface/embeddings.h"

bool body_declares(const struct body_reader *reader, struct text name)
{
    const struct text *names;
    size_t count;

    if (reader->endpoint->input == NULL)
        return false;
    count = schema_root_names(reader->endpoint->input, &names);
    for (size_t i = 0; i < count; i++)
        if (text_equal(names[i], name))
            return true;
    return false;
}

bool body_refuse(struct body_reader *reader, uint32_t at, enum error_code code, const char *what)
{
    struct text pointer = document_pointer(&reader->body->document, at, reader->arena);

    return error_set(reader->err, code, arena_terminated(reader->arena, pointer), "%s", what);
}

bool body_string(const struct body_reader *reader, uint32_t object, const char *name,
                 uint32_t *out_at, struct text *out)
{
    const struct document *document = &reader->body->document;
    uint32_t at = document_member(document, object, text_of(name));

    *out_at = at != CELL_NONE ? at : object;
    if (at == CELL_NONE || document->cells[at].type != CELL_STRING)
        return false;
    *out = document_text(document, at);
    return true;
}

bool body_knows(struct body_reader *reader, uint32_t object, const char *const *names,
                const char *what)
{
    const struct document *document = &reader->body->document;

    if (reader->lenient)
        return true;
    for (uint32_t key = object + 1; key < document->cells[object].end;
         key = document_next(document, key + 1)) {
        const char *const *name = names;

        while (*name != NULL && !text_equal(document_text(document, key), text_of(*name)))
            name++;
        if (*name == NULL)
            return body_refuse(reader, key, ERROR_UNKNOWN_FIELD, what);
    }
    return true;
}

struct body_copy body_copy_of(struct body_reader *reader, uint32_t object)
{
    const struct document *from = &reader->body->document;
    uint32_t cells = document_next(from, object) - object;

    return (struct body_copy){from, ARENA_ARRAY(reader->arena, struct cell, cells), object, 1, 0};
}

void body_copy_keep(struct body_copy *copy, uint32_t key)
{
    uint32_t end = document_next(copy->from, key + 1), moved = key - copy->count;

    for (uint32_t i = key; i < end; i++) {
        copy->cells[copy->count] = copy->from->cells[i];
        if (copy->cells[copy->count].type >= CELL_ARRAY)
            copy->cells[copy->count].end -= moved;
        copy->count++;
    }
    copy->members++;
}

void body_copy_take(const struct body_copy *copy, struct body_reader *reader)
{
    struct document *input = ARENA_NEW(reader->arena, struct document);
    struct call_body *body = reader->body;

    copy->cells[0] = copy->from->cells[copy->object];
    copy->cells[0].size = copy->members;
    copy->cells[0].end = copy->count;
    *input = *copy->from;
    input->cells = copy->cells;
    input->count = copy->count;
    body->input = input;
    body->input_at = 0;
    body->sent = copy->from;
    body->sent_at = copy->object;
    body->caller_text = body_words(input, 0, reader->arena);
}

/* The one place where what was sent becomes what was declared. */
static void take_variables(struct body_reader *reader)
{
    struct call_body *body = reader->body;

    if (body->sent == NULL) {
        body->sent = body->input;
        body->sent_at = body->input_at;
    }
    if (reader->endpoint->variables != NULL)
        body->input = variables_apply(reader->endpoint->variables, body->input, body->input_at,
                                      reader->arena, &body->input_at);
}

static bool open_within(const struct json_limits *limits, struct text bytes, struct arena *arena,
                        struct call_body *out, struct error *err)
{
    *out = (struct call_body){0};
    if (!json_read(bytes, limits, arena, &out->document, NULL, err))
        return false;
    return out->document.cells[0].type == CELL_OBJECT ||
           error_set(err, ERROR_INVALID_REQUEST, "", "the body must be a JSON object, found a %s",
                     cell_type_name((enum cell_type)out->document.cells[0].type));
}

bool body_open(struct text bytes, struct arena *arena, struct call_body *out, struct error *err)
{
    const struct json_limits limits = {.depth = BODY_DEPTH_MAX};

    return open_within(&limits, bytes, arena, out, err);
}

bool body_open_for(const struct surface *surface, struct text bytes, struct arena *arena,
                   struct call_body *out, struct error *err)
{
    const struct json_limits limits = {.depth = BODY_DEPTH_MAX,
                                       .nodes = surface->embeds ? JSON_UNLIMITED : 0};

    return open_within(&limits, bytes, arena, out, err);
}

/* Who asks a model for what it does not do is told so before anybody is asked. Of many models it
 * is not known what they do. */
static bool does_what_is_asked(struct body_reader *reader, const struct surface *surface)
{
    const struct target *target = &reader->endpoint->target;
    enum price_use use = target->price != NULL ? target->price->use : PRICE_USE_UNKNOWN;

    if (surface->embeds)
        return embeddings_possible(reader, use);
    if (use != PRICE_USE_EMBEDDING)
        return true;
    error_set(reader->err, ERROR_INVALID_REQUEST, "/model",
              "'%.*s' turns texts into vectors; it answers no conversation",
              TEXT_ARG(text_first(reader->endpoint->slug, 96)));
    error_hint(reader->err, "send the texts to POST /v1/embeddings, or name a chat model");
    return false;
}

bool body_read(struct call_body *body, const struct surface *surface,
               const struct endpoint *endpoint, struct schema_cache *schemas, struct arena *arena,
               struct error *err)
{
    struct body_reader reader = {endpoint, schemas, arena, body, err, 0, false};

    if (!does_what_is_asked(&reader, surface) || !surface->read(&reader) ||
        !body_check_tools(&reader))
        return false;
    take_variables(&reader);
    return true;
}
