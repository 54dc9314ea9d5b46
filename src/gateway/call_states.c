/* A hash table of entries by digest, chained, and a list from the one used last to the one unused
 * longest. All live equally long from their last use, so the list is also in the order in which
 * they expire. An entry is one block: its parts, and behind them their texts. */
#include "gateway/call_states.h"

#include "base/check.h"
#include "gateway/call_states_mend.h"

#include <openssl/evp.h>
#include <pthread.h>
#include <stdlib.h>

enum {
    ENTRIES_DEFAULT = 20000,
    BYTES_DEFAULT = 64 << 20,
    ANSWER_BYTES_DEFAULT = 512 << 10,
    TTL_DEFAULT_MS = 3600 * 1000,
    DIGEST_BYTES = 32,
};

struct entry {
    unsigned char digest[DIGEST_BYTES];
    struct entry *next;          /* in its chain */
    struct entry *newer, *older; /* by last use */
    uint64_t expires_ms;
    size_t bytes; /* of the whole block */
    size_t count;
    struct chat_part parts[];
};

struct call_states {
    pthread_mutex_t lock;
    struct entry **chains;
    size_t chain_mask;
    struct entry *newest, *oldest;
    struct call_states_limits limits;
    size_t entries, bytes;
};

static size_t or_default(size_t limit, size_t by_default)
{
    return limit > 0 ? limit : by_default;
}

struct call_states *call_states_new(const struct call_states_limits *limits)
{
    static const struct call_states_limits none;
    struct call_states *states = calloc(1, sizeof *states);

    CHECK(states != NULL);
    if (limits == NULL)
        limits = &none;
    states->limits = (struct call_states_limits){
        .entries = or_default(limits->entries, ENTRIES_DEFAULT),
        .bytes = or_default(limits->bytes, BYTES_DEFAULT),
        .answer_bytes = or_default(limits->answer_bytes, ANSWER_BYTES_DEFAULT),
        .ttl_ms = limits->ttl_ms > 0 ? limits->ttl_ms : TTL_DEFAULT_MS,
    };
    states->chain_mask = 15;
    while (states->chain_mask < states->limits.entries)
        states->chain_mask = states->chain_mask * 2 + 1;
    states->chains = calloc(states->chain_mask + 1, sizeof(struct entry *));
    CHECK(states->chains != NULL && pthread_mutex_init(&states->lock, NULL) == 0);
    return states;
}

/* --- the table -----------------------------------------------------------------------------------
 */

static struct entry **chain_of(struct call_states *states, const unsigned char *digest)
{
    size_t place;

    memcpy(&place, digest, sizeof place);
    return &states->chains[place & states->chain_mask];
}

static void unlist(struct call_states *states, struct entry *entry)
{
    *(entry->newer ? &entry->newer->older : &states->newest) = entry->older;
    *(entry->older ? &entry->older->newer : &states->oldest) = entry->newer;
}

static void list_first(struct call_states *states, struct entry *entry)
{
    entry->newer = NULL;
    entry->older = states->newest;
    *(states->newest ? &states->newest->newer : &states->oldest) = entry;
    states->newest = entry;
}

static struct entry *find(struct call_states *states, const unsigned char *digest)
{
    struct entry *entry = *chain_of(states, digest);

    while (entry != NULL && memcmp(entry->digest, digest, DIGEST_BYTES) != 0)
        entry = entry->next;
    return entry;
}

static void drop(struct call_states *states, struct entry *entry)
{
    struct entry **at = chain_of(states, entry->digest);

    while (*at != entry)
        at = &(*at)->next;
    *at = entry->next;
    unlist(states, entry);
    states->entries--;
    states->bytes -= entry->bytes;
    free(entry);
}

static void drop_expired(struct call_states *states, uint64_t now_ms)
{
    while (states->oldest != NULL && states->oldest->expires_ms <= now_ms)
        drop(states, states->oldest);
}

static void insert(struct call_states *states, struct entry *entry)
{
    struct entry *known = find(states, entry->digest), **chain = chain_of(states, entry->digest);

    if (known != NULL)
        drop(states, known);
    while (states->oldest != NULL && (states->entries >= states->limits.entries ||
                                      states->bytes + entry->bytes > states->limits.bytes))
        drop(states, states->oldest);
    entry->next = *chain;
    *chain = entry;
    list_first(states, entry);
    states->entries++;
    states->bytes += entry->bytes;
}

void call_states_free(struct call_states *states)
{
    if (states == NULL)
        return;
    while (states->oldest != NULL)
        drop(states, states->oldest);
    CHECK(pthread_mutex_destroy(&states->lock) == 0);
    free(states->chains);
    free(states);
}

size_t call_states_count(struct call_states *states)
{
    size_t count;

    pthread_mutex_lock(&states->lock);
    count = states->entries;
    pthread_mutex_unlock(&states->lock);
    return count;
}

/* --- which message it is -------------------------------------------------------------------------
 */

static void hash_text(EVP_MD_CTX *hash, struct text text)
{
    uint64_t len = text.len;

    CHECK(EVP_DigestUpdate(hash, &len, sizeof len) == 1 &&
          EVP_DigestUpdate(hash, text.at, text.len) == 1);
}

/* Of calls their ids and names alone: arguments are JSON, which a client may have spaced anew. */
static void hash_message(EVP_MD_CTX *hash, const struct chat_message *message)
{
    unsigned char role = (unsigned char)message->role;

    CHECK(EVP_DigestUpdate(hash, &role, 1) == 1);
    hash_text(hash, message->text);
    for (size_t i = 0; i < message->part_count; i++) {
        const struct chat_part *part = &message->parts[i];
        unsigned char type = (unsigned char)part->type;

        if (part->type == CHAT_TEXT || part->type == CHAT_REASONING)
            continue;
        CHECK(EVP_DigestUpdate(hash, &type, 1) == 1);
        hash_text(hash, part->id);
        hash_text(hash, part->name);
        if (part->type == CHAT_CALL)
            continue;
        hash_text(hash, part->text);
        hash_text(hash, part->data);
    }
}

static EVP_MD_CTX *hash_open(const struct call_owner *owner)
{
    EVP_MD_CTX *hash = EVP_MD_CTX_new();

    CHECK(hash != NULL && EVP_DigestInit_ex(hash, EVP_sha256(), NULL) == 1);
    hash_text(hash, owner->token_id);
    hash_text(hash, owner->endpoint);
    return hash;
}

/* What a call id makes of the hash so far, which goes on. */
static void digest_of(const EVP_MD_CTX *so_far, EVP_MD_CTX *scratch, struct text call_id,
                      unsigned char out[DIGEST_BYTES])
{
    CHECK(EVP_MD_CTX_copy_ex(scratch, so_far) == 1);
    hash_text(scratch, call_id);
    CHECK(EVP_DigestFinal_ex(scratch, out, NULL) == 1);
}

/* --- copies of parts -----------------------------------------------------------------------------
 */

/* Arguments are the client's to tell again; the texts are what an answer is recognised by. */
static struct text kept_text(const struct chat_part *part)
{
    return part->type == CHAT_CALL ? (struct text){0} : part->text;
}

static size_t text_bytes(const struct chat_part *parts, size_t count)
{
    size_t bytes = 0;

    for (size_t i = 0; i < count; i++)
        bytes +=
            kept_text(&parts[i]).len + parts[i].id.len + parts[i].name.len + parts[i].state.len;
    return bytes;
}

static struct text put_text(char **bytes, struct text text)
{
    struct text out = {*bytes, text.len};

    if (text.len > 0)
        memcpy(*bytes, text.at, text.len);
    *bytes += text.len;
    return out;
}

static void copy_parts(struct chat_part *to, char *bytes, const struct chat_part *from,
                       size_t count)
{
    for (size_t i = 0; i < count; i++)
        to[i] = (struct chat_part){
            .type = from[i].type,
            .text = put_text(&bytes, kept_text(&from[i])),
            .id = put_text(&bytes, from[i].id),
            .name = put_text(&bytes, from[i].name),
            .state = put_text(&bytes, from[i].state),
            .state_of = from[i].state_of, /* a dialect's name, which is static */
        };
}

/* --- keeping -------------------------------------------------------------------------------------
 */

static const struct chat_part *first_call(const struct chat_part *parts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (parts[i].type == CHAT_CALL)
            return &parts[i];
    return NULL;
}

static bool worth_keeping(const struct chat_part *parts, size_t count)
{
    bool any = false;

    for (size_t i = 0; i < count; i++)
        any |= parts[i].type == CHAT_REASONING || parts[i].state.len > 0;
    return any && first_call(parts, count) != NULL;
}

void call_states_keep(struct call_states *states, const struct call_owner *owner,
                      const struct chat_message *conversation, size_t count,
                      const struct chat_part *parts, size_t part_count, uint64_t now_ms)
{
    size_t bytes =
        sizeof(struct entry) + part_count * sizeof *parts + text_bytes(parts, part_count);
    EVP_MD_CTX *hash;
    struct entry *entry;

    if (!worth_keeping(parts, part_count) || bytes > states->limits.answer_bytes)
        return;
    entry = calloc(1, bytes);
    CHECK(entry != NULL);
    entry->bytes = bytes;
    entry->count = part_count;
    entry->expires_ms = now_ms + states->limits.ttl_ms;
    copy_parts(entry->parts, (char *)(entry->parts + part_count), parts, part_count);
    hash = hash_open(owner);
    for (size_t i = 0; i < count; i++)
        hash_message(hash, &conversation[i]);
    hash_text(hash, first_call(parts, part_count)->id);
    CHECK(EVP_DigestFinal_ex(hash, entry->digest, NULL) == 1);
    EVP_MD_CTX_free(hash);
    pthread_mutex_lock(&states->lock);
    drop_expired(states, now_ms);
    insert(states, entry);
    pthread_mutex_unlock(&states->lock);
}

/* --- putting back --------------------------------------------------------------------------------
 */

/* A copy of what is kept under the digest, which thereby lives on. */
static bool take(struct call_states *states, const unsigned char *digest, struct arena *arena,
                 uint64_t now_ms, struct chat_part **out_parts, size_t *out_count)
{
    struct entry *entry;

    pthread_mutex_lock(&states->lock);
    drop_expired(states, now_ms);
    entry = find(states, digest);
    if (entry != NULL) {
        unlist(states, entry);
        list_first(states, entry);
        entry->expires_ms = now_ms + states->limits.ttl_ms;
        *out_count = entry->count;
        *out_parts = ARENA_ARRAY(arena, struct chat_part, entry->count);
        copy_parts(*out_parts, arena_bytes(arena, text_bytes(entry->parts, entry->count)),
                   entry->parts, entry->count);
    }
    pthread_mutex_unlock(&states->lock);
    return entry != NULL;
}

void call_states_restore(struct call_states *states, const struct call_owner *owner,
                         struct chat_message *messages, size_t count, struct arena *arena,
                         uint64_t now_ms)
{
    EVP_MD_CTX *so_far, *scratch;
    unsigned char digest[DIGEST_BYTES];

    if (call_states_count(states) == 0)
        return;
    so_far = hash_open(owner);
    scratch = EVP_MD_CTX_new();
    CHECK(scratch != NULL);
    for (size_t i = 0; i < count; i++) {
        const struct chat_part *call = first_call(messages[i].parts, messages[i].part_count);
        struct chat_part *kept;
        size_t kept_count;

        if (call != NULL)
            digest_of(so_far, scratch, call->id, digest);
        hash_message(so_far, &messages[i]); /* as the client sent it */
        if (call != NULL && take(states, digest, arena, now_ms, &kept, &kept_count))
            call_states_mend(&messages[i], kept, kept_count, arena);
    }
    EVP_MD_CTX_free(scratch);
    EVP_MD_CTX_free(so_far);
}
