/* A session is full at its rule's number of messages or estimated tokens. Sliding, the oldest
 * messages are left out of the history, and those beyond the number of messages are dropped from
 * the store; rejecting, nothing is ever left out, and the next turn is refused. */
#include "session/session.h"

/* STORED_MOST: as many as the store keeps, where the rule has no limit; TURN_BYTES: what a turn may
 * add, so that none is paid for that the store then refuses. */
enum { STORED_MOST = 10000, TURN_BYTES = 12 << 20 };

static int64_t tokens_of(const struct chat_message *messages, size_t count)
{
    int64_t tokens = 0;

    for (size_t i = 0; i < count; i++)
        tokens += chat_estimate_tokens(messages[i].text);
    return tokens;
}

static bool is_full(const struct session_rule *rule, const struct chat_message *messages,
                    size_t count, size_t coming)
{
    if (rule->on_full != SESSION_REJECT)
        return false;
    if (rule->max_messages > 0 && count + coming > rule->max_messages)
        return true;
    return rule->max_tokens > 0 && tokens_of(messages, count) >= rule->max_tokens;
}

static bool refuse(struct error *err, enum error_code code, const char *message, const char *hint)
{
    error_set(err, code, NULL, "%s", message);
    if (err != NULL)
        error_hint(err, "%s", hint);
    return false;
}

bool session_admit(const struct session_rule *rule, const struct session_record *record,
                   const struct session_key *key, size_t coming, int64_t now_ms, struct error *err)
{
    /* The store's own words for one that is not there, so that nobody can tell the two apart. */
    if (!text_equal(record->endpoint, key->endpoint) ||
        !text_equal(record->token_id, key->token_id))
        return refuse(err, ERROR_SESSION_NOT_FOUND, "there is no such session",
                      "leave session_id out to begin a new session");
    if (record->expires_ms > 0 && now_ms >= record->expires_ms)
        return refuse(err, ERROR_SESSION_EXPIRED, "the session has expired",
                      "leave session_id out to begin a new session");
    if (record->bytes > SESSION_BYTES_MAX - TURN_BYTES ||
        is_full(rule, record->messages, record->message_count, coming))
        return refuse(err, ERROR_SESSION_FULL, "the session has reached its greatest length",
                      "leave session_id out to begin a new session");
    return true;
}

bool session_admit_new(const struct session_rule *rule, size_t coming, struct error *err)
{
    return !is_full(rule, NULL, 0, coming) ||
           refuse(err, ERROR_SESSION_FULL, "a session cannot hold so many messages",
                  "send fewer, or \"session\": false");
}

void session_history(const struct session_rule *rule, const struct session_record *record,
                     size_t coming, const struct chat_message **out_messages, size_t *out_count)
{
    size_t room = SIZE_MAX, from = record->message_count;
    int64_t tokens = 0;

    if (rule->max_messages > 0)
        room = coming < rule->max_messages ? rule->max_messages - coming : 0;
    while (from > 0 && record->message_count - from < room) {
        tokens += chat_estimate_tokens(record->messages[from - 1].text);
        if (rule->max_tokens > 0 && tokens > rule->max_tokens)
            break;
        from--;
    }
    while (from < record->message_count && record->messages[from].role == CHAT_ASSISTANT)
        from++;
    *out_count = record->message_count - from;
    *out_messages = *out_count > 0 ? record->messages + from : NULL;
}

static int64_t later(int64_t from_ms, uint64_t by_ms)
{
    return by_ms > (uint64_t)(INT64_MAX - from_ms) ? INT64_MAX : from_ms + (int64_t)by_ms;
}

static int64_t expiry(const struct session_rule *rule, int64_t created_ms, int64_t now_ms)
{
    int64_t expires_ms = later(now_ms, rule->ttl_ms);
    int64_t most_ms = rule->retention_ms > 0 ? later(created_ms, rule->retention_ms) : INT64_MAX;

    return expires_ms < most_ms ? expires_ms : most_ms;
}

static size_t kept(const struct session_rule *rule)
{
    if (rule->on_full == SESSION_REJECT)
        return 0;
    return rule->max_messages > 0 && rule->max_messages < STORED_MOST ? rule->max_messages
                                                                      : STORED_MOST;
}

static void put_message(struct store_command *command, struct chat_message *to, enum chat_role role,
                        struct text text)
{
    *to = (struct chat_message){.role = role, .text = arena_copy(&command->arena, text)};
}

/* The turn's messages and notes into the command's arena. */
static void put_turn(struct store_command *command, const struct session_turn *turn, int64_t now_ms)
{
    struct arena *arena = &command->arena;
    size_t count = turn->earlier_count + 2;
    struct chat_message *messages = ARENA_ARRAY(arena, struct chat_message, count);
    struct session_note *notes = ARENA_ARRAY(arena, struct session_note, count);
    struct text request_id = arena_copy(arena, turn->request_id);

    for (size_t i = 0; i < turn->earlier_count; i++)
        put_message(command, &messages[i], turn->earlier[i].role, turn->earlier[i].text);
    put_message(command, &messages[count - 2], CHAT_USER, turn->question);
    put_message(command, &messages[count - 1], CHAT_ASSISTANT, turn->answer);
    for (size_t i = 0; i < count; i++)
        notes[i] = (struct session_note){.stored_ms = now_ms, .request_id = request_id};
    notes[count - 1].interrupted = turn->interrupted;
    command->session.messages = messages;
    command->session.notes = notes;
    command->session.message_count = count;
}

struct store_command *session_append(const struct session_rule *rule,
                                     const struct session_record *record,
                                     const struct session_key *key, const struct session_turn *turn,
                                     int64_t now_ms)
{
    struct store_command *command = store_command_new(STORE_SESSION_APPEND);
    struct arena *arena = &command->arena;
    int64_t created_ms = record != NULL ? record->created_ms : now_ms;

    command->session = (struct session_record){
        .id = arena_copy(arena, key->id),
        .endpoint = arena_copy(arena, key->endpoint),
        .token_id = arena_copy(arena, key->token_id),
        .created_ms = created_ms,
        .expires_ms = expiry(rule, created_ms, now_ms),
        .updated_ms = now_ms,
        .revision = record != NULL ? record->revision : 0,
    };
    put_turn(command, turn, now_ms);
    command->keep_messages = kept(rule);
    return command;
}

/* Where a turn is over: behind an answer that no other one follows. */
static bool is_between(const struct session_record *record, uint64_t count)
{
    return count == 0 || count == record->message_count ||
           (record->messages[count - 1].role == CHAT_ASSISTANT &&
            record->messages[count].role != CHAT_ASSISTANT);
}

bool session_cut(const struct session_record *record, uint64_t count, struct error *err)
{
    uint64_t before = count, behind = count;

    if (count > record->message_count)
        return error_set(err, ERROR_INVALID_REQUEST, "/messages",
                         "the session has %zu messages, fewer than %llu", record->message_count,
                         (unsigned long long)count);
    if (is_between(record, count))
        return true;
    while (!is_between(record, before))
        before--;
    while (!is_between(record, behind))
        behind++;
    error_set(err, ERROR_INVALID_REQUEST, "/messages",
              "after %llu messages a turn would be cut in two", (unsigned long long)count);
    if (err != NULL)
        error_hint(err, "turns end after %llu and after %llu messages", (unsigned long long)before,
                   (unsigned long long)behind);
    return false;
}
