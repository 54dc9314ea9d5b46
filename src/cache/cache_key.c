/* Each part goes in with its length, and each list with its count, so that no two questions are the
 * same bytes. */
#include "cache/cache_key.h"

#include "base/check.h"
#include "document/json_canonical.h"

#include <openssl/evp.h>

enum { FORM = 1 }; /* of what is hashed: another form has other keys, also in the store */

static void put_bytes(EVP_MD_CTX *hash, const void *bytes, size_t len)
{
    CHECK(len == 0 || EVP_DigestUpdate(hash, bytes, len) == 1);
}

static void put_number(EVP_MD_CTX *hash, uint64_t number)
{
    put_bytes(hash, &number, sizeof number);
}

static void put_text(EVP_MD_CTX *hash, struct text text)
{
    put_number(hash, text.len);
    put_bytes(hash, text.at, text.len);
}

static void put_document(EVP_MD_CTX *hash, const struct document *document, uint32_t at,
                         struct arena *arena)
{
    struct buffer canonical = buffer_in(arena);

    json_put_canonical(&canonical, document, at, arena);
    put_text(hash, buffer_text(&canonical));
}

/* A message's text, or the document that it is. */
static void put_words(EVP_MD_CTX *hash, const struct cache_question *question, struct text text,
                      struct arena *arena)
{
    bool is_document = question->document != NULL && text.len > 0 &&
                       text.at == question->written.at && text.len == question->written.len;

    put_number(hash, is_document);
    if (is_document)
        put_document(hash, question->document, question->document_at, arena);
    else
        put_text(hash, text);
}

static void put_message(EVP_MD_CTX *hash, const struct cache_question *question,
                        const struct chat_message *message, struct arena *arena)
{
    put_number(hash, message->role);
    put_number(hash, message->parts != NULL ? message->part_count + 1 : 0);
    if (message->parts == NULL) {
        put_words(hash, question, message->text, arena);
        return;
    }
    for (size_t i = 0; i < message->part_count; i++) {
        const struct chat_part *part = &message->parts[i];

        put_number(hash, part->type);
        put_words(hash, question, part->text, arena);
        put_text(hash, part->data);
        put_text(hash, part->media_type);
        put_text(hash, part->detail);
        put_text(hash, part->id);
        put_text(hash, part->name);
        put_text(hash, part->state);
        put_text(hash, text_of(part->state_of));
        put_number(hash, part->failed);
    }
}

static void put_tool(EVP_MD_CTX *hash, const struct chat_tool *tool, struct arena *arena)
{
    put_text(hash, tool->name);
    put_text(hash, tool->description);
    put_number(hash, tool->strict);
    put_number(hash, tool->parameters != NULL);
    if (tool->parameters != NULL)
        put_document(hash, tool->parameters, tool->parameters_at, arena);
}

static void put_question(EVP_MD_CTX *hash, const struct cache_question *question)
{
    put_number(hash, FORM);
    put_text(hash, question->tenant);
    put_text(hash, question->token_id);
    put_text(hash, question->version);
    put_text(hash, question->provider);
    put_text(hash, question->model);
    put_number(hash, question->streamed);
    for (enum chat_param param = 0; param < CHAT_PARAM_COUNT; param++)
        put_text(hash, question->params->json[param]);
}

void cache_key_make(const struct cache_question *question, const struct chat *chat,
                    struct arena *arena, struct cache_key *out)
{
    EVP_MD_CTX *hash = EVP_MD_CTX_new();

    CHECK(hash != NULL && EVP_DigestInit_ex(hash, EVP_sha256(), NULL) == 1);
    put_question(hash, question);
    put_number(hash, chat->message_count);
    for (size_t i = 0; i < chat->message_count; i++)
        put_message(hash, question, &chat->messages[i], arena);
    put_number(hash, chat->tool_count);
    for (size_t i = 0; i < chat->tool_count; i++)
        put_tool(hash, &chat->tools[i], arena);
    put_number(hash, chat->choice);
    put_text(hash, chat->choice_name);
    put_number(hash, chat->one_call);
    if (chat->embeds) {
        put_number(hash, chat->token_texts);
        put_number(hash, (uint64_t)chat->dimensions);
    }
    CHECK(EVP_DigestFinal_ex(hash, out->bytes, NULL) == 1);
    EVP_MD_CTX_free(hash);
}
