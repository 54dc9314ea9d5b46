#include "gateway/idempotency.h"

#include "base/check.h"
#include "base/random.h"
#include "gateway/durable.h"
#include "gateway/respond.h"
#include "gateway/stages.h"

#include <openssl/evp.h>

/* SLACK_MS: for what is done before and after the call's own time. */
enum { KEY_BYTES_MAX = 255, KEPT_MS = 24 * 3600000, SLACK_MS = 60000, SOON_S = 1 };

/* --- what is asked, and under which key
 * -------------------------------------------------------------------------------------------- */

/* Each part with its length, so that no two lists of parts are the same bytes. */
static void digest(const struct text *parts, size_t count,
                   unsigned char out[IDEMPOTENCY_DIGEST_BYTES])
{
    EVP_MD_CTX *hash = EVP_MD_CTX_new();

    CHECK(hash != NULL && EVP_DigestInit_ex(hash, EVP_sha256(), NULL) == 1);
    for (size_t i = 0; i < count; i++) {
        uint64_t len = parts[i].len;

        CHECK(EVP_DigestUpdate(hash, &len, sizeof len) == 1 &&
              EVP_DigestUpdate(hash, parts[i].at, parts[i].len) == 1);
    }
    CHECK(EVP_DigestFinal_ex(hash, out, NULL) == 1);
    EVP_MD_CTX_free(hash);
}

/* Headers that make it another question are part of it. */
static void take_fingerprint(const struct request *request, struct idempotency_record *record)
{
    const struct http_request *http = &request->http;
    const struct text parts[] = {
        http->method,
        http->path,
        http->query,
        http_header(http, TEXT("pinion-session-id")),
        http_header(http, TEXT("prefer")),
        http->body,
        http_header(http, TEXT("pinion-endpoint-version")),
    };
    size_t count = sizeof parts / sizeof *parts;

    /* Without the last it is what it was before there was such a header. */
    digest(parts, parts[count - 1].len > 0 ? count : count - 1, record->fingerprint);
}

static bool is_printable(struct text key)
{
    for (size_t i = 0; i < key.len; i++)
        if (key.at[i] < ' ' || key.at[i] > '~')
            return false;
    return key.len >= 1 && key.len <= KEY_BYTES_MAX;
}

/* False when there is none; *out_good tells whether it can be one. */
static bool find_key(const struct http_request *http, struct text *out, bool *out_good)
{
    size_t count = 0;

    for (size_t i = 0; i < http->header_count; i++)
        if (text_equal(http->headers[i].name, TEXT("idempotency-key"))) {
            *out = http->headers[i].value;
            count++;
        }
    *out_good = count == 1 && is_printable(*out);
    return count > 0;
}

static void name_record(struct request *request, struct text key)
{
    struct idempotency_record *record = &request->idempotency.record;
    const struct text whose[] = {request->token->id, request->endpoint->slug, key};

    digest(whose, sizeof whose / sizeof *whose, record->key);
    take_fingerprint(request, record);
    random_fill(&record->owner, sizeof record->owner);
    record->expires_ms = request->wall_ms + KEPT_MS;
    record->busy_until_ms =
        request->wall_ms + (int64_t)request->endpoint->times.total_ms + SLACK_MS;
    request->idempotency.keyed = true;
}

static struct store_command *new_command(const struct request *request, enum store_kind kind)
{
    struct store_command *command = store_command_new(kind);

    command->idempotency = request->idempotency.record;
    command->now_ms = request->wall_ms;
    return command;
}

static void ask(struct request *request, struct store_command *command,
                void (*done)(struct request *request, struct store_command *command))
{
    request_waits(request);
    durable_submit(request, command, done);
}

/* --- what was met
 * -------------------------------------------------------------------------------------------- */

static void unknown(struct error *err, const char *why)
{
    error_set(err, ERROR_OUTCOME_UNKNOWN, "Idempotency-Key", "%s", why);
    error_hint(err, "find out what came of the first call; to make it again, use another key");
}

static void judge_open(struct request *request, const struct idempotency_record *met)
{
    bool ours = met->epoch == store_epoch(request->worker->gateway->store);

    if (ours && request->wall_ms < met->busy_until_ms) {
        error_set(&request->error, ERROR_IDEMPOTENCY_IN_PROGRESS, "Idempotency-Key",
                  "the first call with this key is still under way");
        request->error.retry_after_s = SOON_S;
        return;
    }
    unknown(&request->error,
            "the first call with this key was begun, and how it ended is not known");
}

static void judge(struct request *request, const struct idempotency_record *met)
{
    const struct idempotency_record *mine = &request->idempotency.record;

    if (memcmp(met->fingerprint, mine->fingerprint, sizeof met->fingerprint) != 0) {
        error_set(&request->error, ERROR_IDEMPOTENCY_KEY_REUSED, "Idempotency-Key",
                  "this key was used for another request");
        error_hint(&request->error, "repeat a request unchanged, or use a new key for a new one");
        return;
    }
    switch (met->state) {
    case IDEMPOTENCY_OPEN:
        judge_open(request, met);
        return;
    case IDEMPOTENCY_ANSWERED:
        request->idempotency.known = met;
        return;
    case IDEMPOTENCY_LEFT:
        unknown(&request->error,
                "the client of the first call with this key left before it was answered");
        return;
    case IDEMPOTENCY_LARGE:
        unknown(&request->error,
                "the answer to the first call with this key was too large to keep");
        return;
    case IDEMPOTENCY_STATE_COUNT:
        break;
    }
    NEVER("a state of a key");
}

/* What the store says of the key: nothing is as if it had not been asked. */
static void meet(struct request *request, struct store_command *command)
{
    struct idempotency *idempotency = &request->idempotency;

    request->times.store_us += request_waited_us(request);
    if (command->error.code != ERROR_NONE)
        request->error = command->error;
    else if (command->kept != NULL)
        judge(request, command->kept);
    if (idempotency->known == NULL) {
        store_command_free(command);
        return;
    }
    idempotency->met = command;
    policies_undo(&request->policies, request->worker->gateway->rates,
                  loop_now_ms(request->worker->loop));
}

/* --- the stages
 * -------------------------------------------------------------------------------------------- */

static void looked_up(struct request *request, struct store_command *command)
{
    meet(request, command);
    pipeline_resume(request);
}

enum verdict stage_idempotency(struct request *request)
{
    struct text key;
    bool good;

    if (request->decided != NULL || !find_key(&request->http, &key, &good))
        return NEXT;
    if (!good) {
        error_set(&request->error, ERROR_INVALID_REQUEST, "Idempotency-Key",
                  "an Idempotency-Key has 1 to %d printable ASCII characters, and stands once",
                  KEY_BYTES_MAX);
        return FAIL;
    }
    name_record(request, key);
    ask(request, new_command(request, STORE_IDEMPOTENCY_READ), looked_up);
    return WAIT;
}

static void claimed(struct request *request, struct store_command *command)
{
    request->idempotency.claimed = command->error.code == ERROR_NONE && command->kept == NULL;
    meet(request, command);
    pipeline_resume(request);
}

enum verdict stage_claim(struct request *request)
{
    if (!request->idempotency.keyed)
        return NEXT;
    request->idempotency.claimed = true; /* for a client that leaves before it is known */
    ask(request, new_command(request, STORE_IDEMPOTENCY_BEGIN), claimed);
    return WAIT;
}

/* Whether a provider may have heard of the call. */
static bool dispatched(const struct request *request)
{
    for (const struct attempt *it = request->attempts; it != NULL; it = it->next)
        if (it->sent_out && (it->answered || it->facts.sent != SENT_NOTHING))
            return true;
    return false;
}

/* Of the head what is the answer's, not this request's. */
static void keep_head(struct request *request, struct store_command *command)
{
    struct idempotency_record *record = &command->idempotency;
    struct idempotency_header *kept =
        ARENA_ARRAY(&command->arena, struct idempotency_header, IDEMPOTENCY_HEADERS_MAX);
    struct http_reply head = respond_head(request);

    record->status = head.status;
    record->headers = kept;
    for (size_t i = 0; i < head.header_count; i++) {
        const struct http_header *it = &head.headers[i];

        if (!text_equal(it->name, TEXT("content-type")) && !text_starts(it->name, TEXT("pinion-")))
            continue;
        CHECK(record->header_count < IDEMPOTENCY_HEADERS_MAX);
        kept[record->header_count++] = (struct idempotency_header){
            arena_copy(&command->arena, it->name), arena_copy(&command->arena, it->value)};
    }
}

static struct store_command *ending(struct request *request)
{
    struct idempotency *idempotency = &request->idempotency;
    struct store_command *command;
    struct text body;

    if (!dispatched(request) && !request->share.known)
        return new_command(request, STORE_IDEMPOTENCY_DROP);
    command = new_command(request, STORE_IDEMPOTENCY_END);
    if (request->gone) {
        command->idempotency.state = IDEMPOTENCY_LEFT;
        return command;
    }
    body = request->streaming ? buffer_text(&idempotency->sent) : request->reply;
    if (idempotency->too_long || body.len > IDEMPOTENCY_BODY_MAX) {
        command->idempotency.state = IDEMPOTENCY_LARGE;
        return command;
    }
    command->idempotency.state = IDEMPOTENCY_ANSWERED;
    keep_head(request, command);
    command->idempotency.body = arena_copy(&command->arena, body);
    return command;
}

/* An answer that could not be kept is given all the same: it was bought. A repeat is told that the
 * outcome is not known. */
static void kept(struct request *request, struct store_command *command)
{
    const struct trace_words ids = trace_words_of(&request->trace);

    request->times.store_us += request_waited_us(request);
    if (command->error.code != ERROR_NONE)
        log_event(request->worker->gateway->log, LOG_ERROR, "idempotency",
                  "an answer could not be kept under its key", "request_id",
                  arena_terminated(&request->arena, request->id), "trace_id", ids.trace_id,
                  "span_id", ids.span_id, "code", error_row(command->error.code)->word, NULL);
    store_command_free(command);
    pipeline_resume(request);
}

enum verdict stage_keep(struct request *request)
{
    struct store_command *command;

    if (!request->idempotency.claimed)
        return NEXT;
    if (!request->gone)
        stream_compose_end(request);
    command = ending(request);
    ask(request, command, kept);
    if (!request->gone)
        return WAIT;
    durable_forget(request);
    return NEXT;
}

/* --- what goes to the client
 * -------------------------------------------------------------------------------------------- */

void idempotency_note(struct request *request, struct text piece)
{
    struct idempotency *idempotency = &request->idempotency;

    if (!idempotency->claimed || idempotency->too_long)
        return;
    if (piece.len > IDEMPOTENCY_BODY_MAX - idempotency->sent.len) {
        idempotency->too_long = true;
        buffer_release(&idempotency->sent);
        return;
    }
    buffer_put(&idempotency->sent, piece);
}

void idempotency_replay(struct request *request)
{
    const struct idempotency_record *known = request->idempotency.known;
    struct http_reply own = respond_head(request);
    struct http_header *headers = ARENA_ARRAY(&request->arena, struct http_header,
                                              own.header_count + known->header_count + 2);
    struct http_reply reply = {.status = known->status, .headers = headers, .body = known->body};

    for (size_t i = 0; i < own.header_count; i++)
        if (!text_equal(own.headers[i].name, TEXT("content-type")) &&
            !text_starts(own.headers[i].name, TEXT("pinion-")))
            headers[reply.header_count++] = own.headers[i];
    for (size_t i = 0; i < known->header_count; i++)
        headers[reply.header_count++] =
            (struct http_header){known->headers[i].name, known->headers[i].value};
    headers[reply.header_count++] =
        (struct http_header){TEXT("idempotency-replayed"), TEXT("true")};
    if (known->status >= 400)
        headers[reply.header_count++] = (struct http_header){TEXT("x-should-retry"), TEXT("false")};
    request->client->ops->reply(request->client, &reply);
}

void idempotency_release(struct idempotency *idempotency)
{
    store_command_free(idempotency->met);
    buffer_release(&idempotency->sent);
}
