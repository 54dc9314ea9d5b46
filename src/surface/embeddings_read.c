/* A call for embeddings: one text or a list of them, each as a string or as the numbers of its
 * tokens, which some clients count before they ask. What nobody knows is passed over, as on the
 * other surface of the same clients. */
#include "surface/embeddings.h"

#include "base/buffer.h"
#include "document/json_write.h"
#include "provider/kind.h"
#include "provider/vector.h"

enum { TEXTS_MAX = 2048, TOKEN_MAX = INT32_MAX };

/* --- whether there are any -----------------------------------------------------------------------
 */

static bool refuse_model(struct body_reader *reader, const char *what)
{
    error_set(reader->err, ERROR_INVALID_REQUEST, "/model", "'%.*s' %s",
              TEXT_ARG(text_first(reader->endpoint->slug, 96)), what);
    error_hint(reader->err, "name an embedding model: an alias of one, or provider:model, such as "
                            "openai:text-embedding-3-small; GET /v1/models lists what there is");
    return false;
}

bool embeddings_possible(struct body_reader *reader, enum price_use use)
{
    const struct endpoint *endpoint = reader->endpoint;

    if (endpoint->kind == ENDPOINT_SLUG)
        return refuse_model(reader, "is an endpoint with a prompt of its own; it answers, and "
                                    "makes no vectors of texts");
    if (endpoint->target.dialect->embed_request == NULL)
        return refuse_model(reader, "is of a provider that has no embeddings");
    return use != PRICE_USE_CHAT ||
           refuse_model(reader, "is a chat model; it makes no vectors of texts");
}

/* --- texts ---------------------------------------------------------------------------------------
 */

static const struct document *document_of(const struct body_reader *reader)
{
    return &reader->body->document;
}

static bool refuse_input(struct body_reader *reader, uint32_t at)
{
    return body_refuse(reader, at, ERROR_INVALID_REQUEST,
                       "'input' must be a text, or a list of texts, or of lists of the numbers of "
                       "their tokens");
}

static bool is_token(const struct cell *cell)
{
    return cell->type == CELL_INTEGER && cell->integer >= 0 && cell->integer <= TOKEN_MAX;
}

static bool take_tokens(struct body_reader *reader, uint32_t at, struct chat_message *out)
{
    const struct document *document = document_of(reader);
    struct buffer text = buffer_in(reader->arena);

    for (uint32_t item = at + 1; item < document->cells[at].end;
         item = document_next(document, item))
        if (!is_token(&document->cells[item]))
            return refuse_input(reader, item);
    json_put_cell(&text, document, at);
    out->text = buffer_text(&text);
    return true;
}

static bool take_text(struct body_reader *reader, uint32_t at, struct chat_message *out)
{
    const struct cell *cell = &document_of(reader)->cells[at];
    bool tokens = cell->type == CELL_ARRAY;

    *out = (struct chat_message){.role = CHAT_USER};
    if ((cell->type != CELL_STRING && !tokens) || tokens != reader->body->token_texts)
        return refuse_input(reader, at);
    if (cell->size == 0)
        return body_refuse(reader, at, ERROR_INVALID_REQUEST, "a text to embed must not be empty");
    if (tokens)
        return take_tokens(reader, at, out);
    out->text = cell_text(cell);
    return true;
}

/* Where tokens are understood is known of some hosts only. */
static bool are_understood(struct body_reader *reader, uint32_t at)
{
    const struct target *target = &reader->endpoint->target;

    if (kind_embeds(target->provider, target->dialect, reader->body->token_texts))
        return true;
    body_refuse(reader, at, ERROR_INVALID_REQUEST,
                "this model takes texts, and not the numbers of their tokens");
    error_hint(reader->err, "send the texts themselves; LangChain for Python does so with "
                            "check_embedding_ctx_length=False");
    return false;
}

static bool take_list(struct body_reader *reader, uint32_t at)
{
    const struct document *document = document_of(reader);
    const struct cell *list = &document->cells[at];
    struct call_body *body = reader->body;
    struct chat_message *texts;
    size_t count = 0;

    if (list->size == 0)
        return body_refuse(reader, at, ERROR_INVALID_REQUEST, "'input' has no text in it");
    if (list->size > TEXTS_MAX)
        return body_refuse(reader, at, ERROR_INVALID_REQUEST,
                           "'input' has more than 2048 texts; send them in several calls");
    texts = ARENA_ARRAY(reader->arena, struct chat_message, list->size);
    body->token_texts = document->cells[at + 1].type == CELL_ARRAY;
    for (uint32_t item = at + 1; item < list->end; item = document_next(document, item))
        if (!take_text(reader, item, &texts[count++]))
            return false;
    body->texts = texts;
    body->text_count = count;
    return true;
}

static bool take_one(struct body_reader *reader, uint32_t at)
{
    struct call_body *body = reader->body;
    struct chat_message *text = ARENA_NEW(reader->arena, struct chat_message);

    body->token_texts = document_of(reader)->cells[at].type == CELL_ARRAY;
    body->texts = text;
    body->text_count = 1;
    return take_text(reader, at, text);
}

static bool take_input(struct body_reader *reader, uint32_t at)
{
    const struct cell *cell = &document_of(reader)->cells[at];
    bool list = cell->type == CELL_ARRAY && (cell->size == 0 || cell[1].type != CELL_INTEGER);

    return (list ? take_list : take_one)(reader, at) && are_understood(reader, at);
}

/* --- the rest ------------------------------------------------------------------------------------
 */

static bool take_format(struct body_reader *reader, uint32_t at)
{
    const struct document *document = document_of(reader);
    bool text = document->cells[at].type == CELL_STRING;

    reader->body->base64 = text && text_equal(document_text(document, at), TEXT("base64"));
    return reader->body->base64 ||
           (text && text_equal(document_text(document, at), TEXT("float"))) ||
           body_refuse(reader, at, ERROR_INVALID_REQUEST,
                       "'encoding_format' must be \"float\" or \"base64\"");
}

static bool take_dimensions(struct body_reader *reader, uint32_t at)
{
    const struct cell *cell = &document_of(reader)->cells[at];

    if (cell->type != CELL_INTEGER || cell->integer < 1 || cell->integer > VECTOR_DIMENSIONS_MAX)
        return body_refuse(reader, at, ERROR_INVALID_REQUEST,
                           "'dimensions' must be an integer from 1 to 65536");
    reader->body->dimensions = cell->integer;
    return true;
}

static const struct {
    const char *name;
    bool (*take)(struct body_reader *reader, uint32_t at);
} members[] = {
    {"input", take_input},
    {"encoding_format", take_format},
    {"dimensions", take_dimensions},
};

static bool take_member(struct body_reader *reader, uint32_t key)
{
    struct text name = document_text(document_of(reader), key);

    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        if (text_equal(name, text_of(members[i].name)))
            return document_of(reader)->cells[key + 1].type == CELL_NULL ||
                   members[i].take(reader, key + 1);
    return true;
}

bool embeddings_read(struct body_reader *reader)
{
    const struct document *document = document_of(reader);
    struct embedding_wishes *wishes = ARENA_NEW(reader->arena, struct embedding_wishes);
    uint32_t model = document_member(document, 0, TEXT("model"));

    reader->body->own = wishes;
    if (model != CELL_NONE && document->cells[model].type == CELL_STRING)
        wishes->model = document_text(document, model);
    for (uint32_t key = 1; key < document->cells[0].end; key = document_next(document, key + 1))
        if (!take_member(reader, key))
            return false;
    if (reader->body->texts == NULL)
        return error_set(reader->err, ERROR_INVALID_REQUEST, "/input", "the body has no 'input'");
    body_take_input(reader, (struct text){0});
    return true;
}
