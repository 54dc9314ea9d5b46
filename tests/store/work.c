#include "work.h"

#include "store/lmdb_impl.h"

#include "base/check.h"

#include <stdio.h>

#include <openssl/evp.h>

enum { COST_NANO = 7, KEPT = 6, TURN_WORDS_MAX = 3000, LEASE_NANO = 1000, WALL_MS = 1000000 };

uint64_t work_mix(uint64_t value)
{
    value += 0x9E3779B97F4A7C15u;
    value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9u;
    value = (value ^ value >> 27) * 0x94D049BB133111EBu;
    return value ^ value >> 31;
}

__attribute__((format(printf, 2, 3))) static bool wrong(char why[WORK_WHY_CHARS],
                                                        const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(why, WORK_WHY_CHARS, format, arguments);
    va_end(arguments);
    return false;
}

static const int64_t FAR_MS = 4102444800000; /* the year 2100 */

/* --- sessions: a turn is a step, and the revision the value --------------------------------------
 */

static struct text session_id(struct arena *arena, unsigned index, bool forgetting)
{
    return arena_printf(arena, "ses_%c%025u", forgetting ? 'f' : 'a', index);
}

/* What is said in a turn: known from session and revision. */
static struct text words(struct arena *arena, uint64_t seed, unsigned index, uint64_t revision,
                         bool user)
{
    uint64_t random = work_mix(seed ^ work_mix(index * 1000003ULL + revision * 2 + user));
    struct text head =
        arena_printf(arena, "%u/%llu/%d ", index, (unsigned long long)revision, (int)user);
    size_t len = head.len + random % TURN_WORDS_MAX;
    char *at = arena_bytes(arena, len);

    memcpy(at, head.at, head.len);
    memset(at + head.len, 'a' + (int)(random / TURN_WORDS_MAX % 26), len - head.len);
    return (struct text){at, len};
}

static struct store_command *say(uint64_t seed, unsigned index, uint64_t value, bool forgetting)
{
    struct store_command *command = store_command_new(STORE_SESSION_APPEND);
    struct chat_message *turn = ARENA_ARRAY(&command->arena, struct chat_message, 2);

    for (int i = 0; i < 2; i++)
        turn[i] =
            (struct chat_message){.role = i == 0 ? CHAT_USER : CHAT_ASSISTANT,
                                  .text = words(&command->arena, seed, index, value + 1, i == 0)};
    command->session = (struct session_record){
        .id = session_id(&command->arena, index, forgetting),
        .endpoint = TEXT("chat"),
        .token_id = TEXT("tok_1"),
        .expires_ms = WALL_MS + (int64_t)value,
        .revision = value,
        .messages = turn,
        .message_count = 2,
    };
    command->keep_messages = forgetting ? KEPT : 0;
    return command;
}

/* Its turns are dense, in order, and of the right words. */
static bool check_turns(const struct session_record *session, struct arena *arena, uint64_t seed,
                        unsigned index, bool forgetting, char why[WORK_WHY_CHARS])
{
    uint64_t revision = session->revision, first = 1;

    if (forgetting && revision * 2 > KEPT)
        first = revision - KEPT / 2 + 1;
    if (session->message_count != (revision - first + 1) * 2)
        return wrong(why, "%zu messages after %llu turns", session->message_count,
                     (unsigned long long)revision);
    for (size_t i = 0; i < session->message_count; i++) {
        const struct chat_message *message = &session->messages[i];

        if (!text_equal(message->text, words(arena, seed, index, first + i / 2, i % 2 == 0)) ||
            message->role != (i % 2 == 0 ? CHAT_USER : CHAT_ASSISTANT))
            return wrong(why, "turn %llu has other words than were said",
                         (unsigned long long)(first + i / 2));
    }
    return true;
}

static bool read_back(struct store *store, uint64_t seed, unsigned index, bool forgetting,
                      uint64_t *out_value, char why[WORK_WHY_CHARS])
{
    struct store_command *command = store_command_new(STORE_SESSION_READ);
    bool good = true;

    command->session.id = session_id(&command->arena, index, forgetting);
    store_wait(store, command);
    *out_value = 0;
    if (command->error.code == ERROR_NONE) {
        *out_value = command->session.revision;
        good = check_turns(&command->session, &command->arena, seed, index, forgetting, why);
    } else if (command->error.code != ERROR_SESSION_NOT_FOUND) {
        good = wrong(why, "%s: %s", command->error.at, command->error.message);
    }
    store_command_free(command);
    return good;
}

static struct store_command *session_step(uint64_t seed, unsigned index, uint64_t value)
{
    return say(seed, index, value, false);
}
static bool session_read(struct store *store, uint64_t seed, unsigned index, uint64_t *out_value,
                         char why[WORK_WHY_CHARS])
{
    return read_back(store, seed, index, false, out_value, why);
}
/* Its oldest turns go, so that deletes are in the game. */
static struct store_command *forgetting_step(uint64_t seed, unsigned index, uint64_t value)
{
    return say(seed, index, value, true);
}
static bool forgetting_read(struct store *store, uint64_t seed, unsigned index, uint64_t *out_value,
                            char why[WORK_WHY_CHARS])
{
    return read_back(store, seed, index, true, out_value, why);
}

/* --- tokens: provisioned for a deployment, then changed; each is audited in the same transaction
 * --------------------------------------
 */

static struct text token_id(struct arena *arena, unsigned index)
{
    return arena_printf(arena, "tok_%026u", index);
}

static struct store_command *token_step(uint64_t seed, unsigned index, uint64_t value)
{
    struct store_command *command =
        store_command_new(value == 0 ? STORE_TOKEN_PROVISION : STORE_TOKEN_PUT);
    struct token_record *token = &command->token;
    struct audit_event event = {
        .wall_ms = WALL_MS + (int64_t)value, .actor = AUDIT_BY_OWNER, .action = AUDIT_TOKEN_UPDATE};

    (void)seed;
    *token = (struct token_record){
        .id = token_id(&command->arena, index),
        .name = arena_printf(&command->arena, "%llu", (unsigned long long)value + 1),
        .deployment = arena_printf(&command->arena, "shop-%u", index),
        .revision = value + 1,
        .created_ms = WALL_MS,
    };
    event.object = token->id;
    command->audit = audit_event_copy(&command->arena, &event);
    return command;
}

static bool token_read(struct store *store, uint64_t seed, unsigned index, uint64_t *out_value,
                       char why[WORK_WHY_CHARS])
{
    struct store_command *command = store_command_new(STORE_TOKEN_LIST);
    struct text id = token_id(&command->arena, index);
    bool good = true;

    (void)seed;
    store_wait(store, command);
    *out_value = 0;
    if (command->error.code != ERROR_NONE)
        good = wrong(why, "%s: %s", command->error.at, command->error.message);
    for (size_t i = 0; i < command->token_count; i++)
        if (text_equal(command->tokens[i].id, id) &&
            (!text_to_u64(command->tokens[i].name, out_value) ||
             *out_value != command->tokens[i].revision))
            good = wrong(why, "its name is not of its revision");
    store_command_free(command);
    return good;
}

/* --- budgets: a lease is a step ------------------------------------------------------------------
 */

static struct text budget_key(struct arena *arena, unsigned index)
{
    return arena_printf(arena, "endpoint/e%u/2026-11", index);
}

static struct store_command *lease_step(uint64_t seed, unsigned index, uint64_t value)
{
    struct store_command *command = store_command_new(STORE_BUDGET_LEASE);

    (void)seed, (void)value;
    command->orders = ARENA_NEW(&command->arena, struct budget_order);
    command->order_count = 1;
    *command->orders = (struct budget_order){.key = budget_key(&command->arena, index),
                                             .need = LEASE_NANO,
                                             .want = LEASE_NANO,
                                             .limit = STORE_BUDGET_UNLIMITED};
    return command;
}

static struct budget_record budget_of(struct store *store, struct text key, bool *out_good,
                                      char why[WORK_WHY_CHARS])
{
    struct store_command *command = store_command_new(STORE_BUDGET_LIST);
    struct budget_record record = {0};

    command->prefix = arena_copy(&command->arena, key);
    store_wait(store, command);
    *out_good = command->error.code == ERROR_NONE;
    if (!*out_good)
        wrong(why, "%s: %s", command->error.at, command->error.message);
    for (size_t i = 0; i < command->budget_count; i++)
        if (text_equal(command->budgets[i].key, key))
            record = command->budgets[i];
    record.key = (struct text){0};
    store_command_free(command);
    return record;
}

/* What was leased never goes: it is open, or was counted as spent. */
static bool lease_read(struct store *store, uint64_t seed, unsigned index, uint64_t *out_value,
                       char why[WORK_WHY_CHARS])
{
    struct arena arena = {0};
    bool good;
    struct budget_record record = budget_of(store, budget_key(&arena, index), &good, why);
    int64_t committed = budget_committed(&record);

    (void)seed;
    arena_release(&arena);
    *out_value = (uint64_t)committed / LEASE_NANO;
    if (good && (committed % LEASE_NANO != 0 || record.settled != 0 || record.open < 0))
        return wrong(why, "%lld settled, %lld recovered, %lld open", (long long)record.settled,
                     (long long)record.recovered, (long long)record.open);
    return good;
}

/* --- the ledger: a call's cost is a step, in its budget, in the usage and in a row
 * ----------------
 */

static struct usage_record usage_of(struct arena *arena, unsigned index)
{
    return (struct usage_record){
        .names = {[USAGE_DAY] = TEXT("2026-11-26"),
                  [USAGE_PROJECT] = arena_printf(arena, "p%u", index),
                  [USAGE_ENDPOINT] = TEXT("talk"),
                  [USAGE_PROVIDER] = TEXT("openai"),
                  [USAGE_MODEL] = TEXT("gpt-x"),
                  [USAGE_TOKEN] = TEXT("tok_1")},
        .all = {[USAGE_CALLS] = 1, [USAGE_INPUT] = 10, [USAGE_COST] = COST_NANO},
    };
}

static struct text project_key(struct arena *arena, unsigned index)
{
    return arena_printf(arena, "project/p%u/2026-11", index);
}

static struct log_content content_of(struct arena *arena, unsigned index, uint64_t value)
{
    return (struct log_content){
        .expires_ms = FAR_MS,
        .request_id = arena_printf(arena, "req_%u_%llu", index, (unsigned long long)value),
        .token_id = TEXT("tok_1"),
        .json = TEXT("{\"input\":\"Hello.\"}")};
}

static struct store_command *ledger_step(uint64_t seed, unsigned index, uint64_t value)
{
    struct store_command *command = store_command_new(STORE_LEDGER_APPEND);
    struct ledger_entries *ledger = ARENA_NEW(&command->arena, struct ledger_entries);
    struct budget_settlement *settlement = ARENA_NEW(&command->arena, struct budget_settlement);
    struct usage_record *usage = ARENA_NEW(&command->arena, struct usage_record);
    struct log_content *content = ARENA_NEW(&command->arena, struct log_content);
    struct buffer rows = buffer_in(&command->arena);
    size_t row = log_row_begin(&rows);

    (void)seed;
    *settlement = (struct budget_settlement){project_key(&command->arena, index), COST_NANO};
    *usage = usage_of(&command->arena, index);
    buffer_printf(&rows, "{\"call\":%llu}", (unsigned long long)value + 1);
    log_row_end(&rows, row, WALL_MS, 1, 200);
    *content = content_of(&command->arena, index, value + 1);
    *ledger = (struct ledger_entries){.settlements = settlement,
                                      .settlement_count = 1,
                                      .usage = usage,
                                      .usage_count = 1,
                                      .rows = buffer_text(&rows),
                                      .row_count = 1,
                                      .newest_ms = WALL_MS,
                                      .contents = content,
                                      .content_count = 1,
                                      .content_bytes = content->json.len};
    command->ledger = ledger;
    return command;
}

/* The stored usage; false when it does not read. One that is not there is all zero. */
static bool stored_usage(struct store *base, unsigned index, struct usage_record *out)
{
    struct lmdb_store *store = lmdb_of(base);
    unsigned char bytes[RECORD_USAGE_KEY_BYTES];
    struct text key = {(const char *)bytes, sizeof bytes}, value;
    struct arena arena = {0};
    struct usage_record names = usage_of(&arena, index);
    MDB_txn *txn;
    int rc;

    *out = (struct usage_record){0};
    record_usage_key(&names, bytes);
    arena_release(&arena);
    CHECK(mdb_txn_begin(store->env, NULL, MDB_RDONLY, &txn) == 0);
    rc = lmdb_get(store, txn, TABLE_USAGE, key, &value);
    if (rc == 0 && !record_get_usage(key, value, out, NULL))
        rc = MDB_CORRUPTED;
    mdb_txn_abort(txn);
    return rc == 0 || rc == MDB_NOTFOUND;
}

/* Whether what was said in the last call is kept. */
static bool keeps_content(struct store *store, unsigned index, uint64_t value)
{
    struct store_command *command = store_command_new(STORE_CONTENT_READ);
    bool kept;

    command->content = content_of(&command->arena, index, value);
    store_wait(store, command);
    kept = command->error.code == ERROR_NONE &&
           text_equal(command->found.json, TEXT("{\"input\":\"Hello.\"}"));
    store_command_free(command);
    return kept;
}

/* Budget and usage say the same, to the nano-dollar. */
static bool ledger_read(struct store *store, uint64_t seed, unsigned index, uint64_t *out_value,
                        char why[WORK_WHY_CHARS])
{
    struct arena arena = {0};
    struct usage_record usage;
    bool good;
    struct budget_record record = budget_of(store, project_key(&arena, index), &good, why);

    (void)seed;
    arena_release(&arena);
    *out_value = (uint64_t)record.settled / COST_NANO;
    if (!good)
        return false;
    if (!stored_usage(store, index, &usage))
        return wrong(why, "the usage does not read");
    if (*out_value > 0 && !keeps_content(store, index, *out_value))
        return wrong(why, "what was said in call %llu is not kept", (unsigned long long)*out_value);
    if (usage.all[USAGE_COST] == record.settled &&
        usage.all[USAGE_CALLS] * COST_NANO == record.settled && record.recovered == 0)
        return true;
    return wrong(why, "%lld settled, usage of %lld in %lld calls", (long long)record.settled,
                 (long long)usage.all[USAGE_COST], (long long)usage.all[USAGE_CALLS]);
}

/* --- idempotency keys: one is begun, then answered, then the next --------------------------------
 */

static void key_of(unsigned index, uint64_t number, struct idempotency_record *record)
{
    memcpy(record->key, &index, sizeof index);
    memcpy(record->key + 8, &number, sizeof number);
}

static struct text answer_of(struct arena *arena, unsigned index, uint64_t number)
{
    return arena_printf(arena, "answer %llu of %u", (unsigned long long)number, index);
}

static struct store_command *idempotency_step(uint64_t seed, unsigned index, uint64_t value)
{
    bool ends = value % 2 == 1;
    struct store_command *command =
        store_command_new(ends ? STORE_IDEMPOTENCY_END : STORE_IDEMPOTENCY_BEGIN);
    struct idempotency_record *record = &command->idempotency;

    (void)seed;
    key_of(index, value / 2, record);
    record->owner = 1 + value / 2;
    record->expires_ms = FAR_MS;
    record->busy_until_ms = WALL_MS;
    command->now_ms = WALL_MS;
    if (ends) {
        record->state = IDEMPOTENCY_ANSWERED;
        record->status = 200;
        record->body = answer_of(&command->arena, index, value / 2);
    }
    return command;
}

/* 0: not begun; 1: begun; 2: answered, as it was. */
static int idempotency_state(struct store *store, unsigned index, uint64_t number, bool *out_good,
                             char why[WORK_WHY_CHARS])
{
    struct store_command *command = store_command_new(STORE_IDEMPOTENCY_READ);
    const struct idempotency_record *kept;
    int state = 0;

    key_of(index, number, &command->idempotency);
    command->now_ms = WALL_MS;
    store_wait(store, command);
    kept = command->kept;
    *out_good = command->error.code == ERROR_NONE;
    if (!*out_good)
        wrong(why, "%s: %s", command->error.at, command->error.message);
    else if (kept != NULL)
        state = kept->state == IDEMPOTENCY_ANSWERED ? 2 : 1;
    if (state == 2 && !text_equal(kept->body, answer_of(&command->arena, index, number)))
        *out_good = wrong(why, "answer %llu is another one", (unsigned long long)number);
    store_command_free(command);
    return state;
}

static bool idempotency_read(struct store *store, uint64_t seed, unsigned index,
                             uint64_t *out_value, char why[WORK_WHY_CHARS])
{
    bool good;
    int state;

    (void)seed;
    *out_value = 0;
    for (uint64_t number = 0;; number++) {
        state = idempotency_state(store, index, number, &good, why);
        *out_value += (uint64_t)state;
        if (!good || state == 0)
            return good;
        if (state == 2)
            continue;
        if (idempotency_state(store, index, number + 1, &good, why) != 0)
            return wrong(why, "a key was begun before the one before it was answered");
        return good;
    }
}

/* --- versions: each has a file of its own and one that all have; every third is pinned
 * ------------
 */

static struct history_file *version_files(struct arena *arena, uint64_t number)
{
    struct history_file *files = ARENA_ARRAY(arena, struct history_file, 2);

    files[0].path = TEXT("endpoints/a.yaml");
    files[0].bytes = arena_printf(arena, "system: %llu\n", (unsigned long long)number);
    files[1].path = TEXT("schemas/a.json");
    files[1].bytes = TEXT("{}");
    for (size_t i = 0; i < 2; i++)
        CHECK(EVP_Digest(files[i].bytes.at, files[i].bytes.len, files[i].digest, NULL, EVP_sha256(),
                         NULL) == 1);
    return files;
}

static struct text version_slug(struct arena *arena, unsigned index)
{
    return arena_printf(arena, "endpoint-%u", index);
}

static struct store_command *version_step(uint64_t seed, unsigned index, uint64_t value)
{
    struct store_command *command = store_command_new(STORE_HISTORY_APPEND);
    struct history_entry *entry = ARENA_NEW(&command->arena, struct history_entry);

    (void)seed;
    *entry = (struct history_entry){
        .slug = version_slug(&command->arena, index),
        .hash = arena_printf(&command->arena, "%064llu", (unsigned long long)value + 1),
        .actor = TEXT("system"),
        .cause = TEXT("reload"),
        .files = version_files(&command->arena, value + 1),
        .file_count = 2,
        .pinned = (value + 1) % 3 == 0};
    command->now_ms = WALL_MS;
    command->history = (struct history_order){.entries = entry,
                                              .count = 1,
                                              .keep = 10,
                                              .numbers = ARENA_ARRAY(&command->arena, uint64_t, 1)};
    return command;
}

static bool version_read(struct store *store, uint64_t seed, unsigned index, uint64_t *out_value,
                         char why[WORK_WHY_CHARS])
{
    struct store_command *list = store_command_new(STORE_HISTORY_LIST);
    struct store_command *last = store_command_new(STORE_HISTORY_READ);
    const struct history_entry *entry = NULL;
    bool good;

    (void)seed;
    *out_value = 0;
    list->history.slug = version_slug(&list->arena, index);
    store_wait(store, list);
    good =
        list->error.code == ERROR_NONE || wrong(why, "%s: %s", list->error.at, list->error.message);
    if (good && list->history.found_count > 0) {
        *out_value = list->history.found[0].number;
        last->history.slug = version_slug(&last->arena, index);
        last->history.number = *out_value;
        store_wait(store, last);
        entry = last->history.found;
        good = last->error.code == ERROR_NONE ||
               wrong(why, "%s: %s", last->error.at, last->error.message);
    }
    if (good && entry != NULL &&
        (!text_equal(entry->files[0].bytes, version_files(&last->arena, *out_value)[0].bytes) ||
         entry->pinned != (*out_value % 3 == 0)))
        good = wrong(why, "version %llu is another one", (unsigned long long)*out_value);
    if (good && list->history.found_count != (*out_value < 10 ? *out_value : 10))
        good = wrong(why, "of %llu versions %zu are kept", (unsigned long long)*out_value,
                     list->history.found_count);
    store_command_free(list);
    store_command_free(last);
    return good;
}

void work_recover(struct store *store)
{
    struct store_command *command = store_command_new(STORE_BUDGET_RECOVER);

    command->now_ms = WALL_MS;
    store_wait(store, command);
    CHECK(command->error.code == ERROR_NONE);
    store_command_free(command);
}

const struct work works[] = {
    {"session", 200, false, false, session_step, session_read},
    {"forgetting session", 200, false, false, forgetting_step, forgetting_read},
    {"token", 500, false, false, token_step, token_read},
    {"budget", 500, false, false, lease_step, lease_read},
    {"ledger", 500, false, false, ledger_step, ledger_read},
    {"idempotency", 200, true, true, idempotency_step, idempotency_read},
    {"version", 200, false, true, version_step, version_read},
};
const unsigned work_count = sizeof works / sizeof *works;
