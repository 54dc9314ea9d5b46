#include "store/record.h"

#include "unit.h"

static const struct text session_key = TEXT_INIT("ses_00000000000000000000000001");

static struct token_record sample_token(const struct text *scopes, size_t count)
{
    struct token_record token = {
        .id = TEXT("tok_00000000000000000000000001"),
        .name = TEXT("the batch job"),
        .hint = TEXT("x7Qz"),
        .scopes = scopes,
        .scope_count = count,
        .created_ms = 1700000000000,
        .expires_ms = 1800000000000,
        .revoked_ms = -1,
        .test = true,
        TOKEN_DEFAULTS,
    };

    memset(token.digest, 0xA5, sizeof token.digest);
    return token;
}

TEST(a_token_comes_back_as_it_was_put)
{
    const struct text scopes[] = {TEXT("summarize"), TEXT("support-*")};
    struct token_record token = sample_token(scopes, 2), back;
    struct arena arena = {0};
    struct buffer value = buffer_in(&arena);

    record_put_token(&value, token.id, &token);
    EXPECT(record_get_token(token.id, buffer_text(&value), &arena, &back, NULL));
    EXPECT(text_equal(back.id, token.id));
    EXPECT_TEXT(back.name, "the batch job");
    EXPECT_TEXT(back.hint, "x7Qz");
    EXPECT_EQ(back.scope_count, 2);
    EXPECT_TEXT(back.scopes[1], "support-*");
    EXPECT_EQ(back.created_ms, 1700000000000);
    EXPECT_EQ(back.expires_ms, 1800000000000);
    EXPECT_EQ(back.revoked_ms, -1);
    EXPECT(back.test);
    EXPECT(memcmp(back.digest, token.digest, sizeof token.digest) == 0);
    arena_release(&arena);
}

/* All that a token may carry beyond its name and scopes. */
static struct token_record full_token(void)
{
    static const struct text scopes[] = {TEXT_INIT("*")}, models[] = {TEXT_INIT("gpt-4.1-*")};
    static const struct token_address addresses[] = {{{0x20, 0x01, 0x0d, 0xb8}, 32}};
    static const struct token_tag tags[] = {{TEXT_INIT("tier"), TEXT_INIT("gold")}};
    struct token_record token = sample_token(scopes, 1);

    memset(token.previous_digest, 0x5A, sizeof token.previous_digest);
    token.previous_until_ms = 1750000000000;
    token.last_used_ms = 1740000000000;
    token.revision = 7;
    token.verbs = VERB_CALL | VERB_USAGE;
    token.kind = TOKEN_ADMIN;
    token.on_revoke = REVOKE_CUT;
    token.limits = (struct call_limits){60, 1000, 100000, 20};
    token.budget = (struct token_budget){50000000000, TOKEN_UNLIMITED};
    token.project = TEXT("acme");
    token.deployment = TEXT("eu-1");
    token.guardrails = TEXT("{\"pii\":\"mask\"}");
    token.models = models;
    token.addresses = addresses;
    token.tags = tags;
    token.model_count = token.address_count = token.tag_count = 1;
    return token;
}

TEST(everything_that_a_token_may_carry_comes_back)
{
    struct token_record token = full_token(), back;
    struct arena arena = {0};
    struct buffer value = buffer_in(&arena);

    record_put_token(&value, token.id, &token);
    EXPECT(record_get_token(token.id, buffer_text(&value), &arena, &back, NULL));
    EXPECT(memcmp(back.previous_digest, token.previous_digest, sizeof back.previous_digest) == 0);
    EXPECT_EQ(back.previous_until_ms, token.previous_until_ms);
    EXPECT_EQ(back.last_used_ms, token.last_used_ms);
    EXPECT_EQ(back.revision, 7);
    EXPECT_EQ(back.verbs, VERB_CALL | VERB_USAGE);
    EXPECT_EQ(back.kind, TOKEN_ADMIN);
    EXPECT_EQ(back.on_revoke, REVOKE_CUT);
    EXPECT(memcmp(&back.limits, &token.limits, sizeof back.limits) == 0);
    EXPECT_EQ(back.budget.monthly_nano, 50000000000);
    EXPECT_EQ(back.budget.daily_nano, TOKEN_UNLIMITED);
    EXPECT_TEXT(back.project, "acme");
    EXPECT_TEXT(back.deployment, "eu-1");
    EXPECT_TEXT(back.models[0], "gpt-4.1-*");
    EXPECT(memcmp(&back.addresses[0], &token.addresses[0], sizeof back.addresses[0]) == 0);
    EXPECT_TEXT(back.tags[0].name, "tier");
    EXPECT_TEXT(back.tags[0].value, "gold");
    EXPECT_TEXT(back.guardrails, "{\"pii\":\"mask\"}");
    arena_release(&arena);
}

/* The value of an older version ended behind the scopes. */
TEST(a_token_of_an_older_version_may_do_what_it_could_then)
{
    const struct text scopes[] = {TEXT("summarize")};
    struct token_record token = sample_token(scopes, 1), back;
    struct arena arena = {0};
    struct buffer value = buffer_in(&arena);
    struct text old;

    record_put_token(&value, token.id, &token);
    old = buffer_text(&value);
    old.len = text_find(old, TEXT("summarize")) + strlen("summarize");
    record_seal(token.id, value.at, old.len);
    EXPECT(record_get_token(token.id, old, &arena, &back, NULL));
    EXPECT_TEXT(back.scopes[0], "summarize");
    EXPECT_EQ(back.verbs, VERBS_DEFAULT);
    EXPECT_EQ(back.budget.monthly_nano, TOKEN_UNLIMITED);
    EXPECT_EQ(back.budget.daily_nano, TOKEN_UNLIMITED);
    EXPECT_EQ(back.kind, TOKEN_CALL);
    EXPECT_EQ(back.project.len, 0);
    EXPECT_EQ(back.previous_until_ms, 0);
    arena_release(&arena);
}

TEST(a_token_cut_short_anywhere_else_is_damaged)
{
    struct token_record token = full_token(), back;
    struct arena arena = {0};
    struct buffer value = buffer_in(&arena);
    size_t good = 0;

    record_put_token(&value, token.id, &token);
    for (size_t len = RECORD_HEAD_BYTES; len < value.len; len++) {
        struct text cut = arena_copy(&arena, text_first(buffer_text(&value), len));

        record_seal(token.id, (char *)(uintptr_t)cut.at, cut.len);
        good += record_get_token(token.id, cut, &arena, &back, NULL);
    }
    EXPECT_EQ(good, 2); /* those of two older versions */
    arena_release(&arena);
}

TEST(a_session_and_its_messages_come_back_as_they_were_put)
{
    struct record_session session = {TEXT("chat"), TEXT("tok_9"), 5, 7, 3, 11, 17, 4711, 19}, back;
    struct chat_message message = {.role = CHAT_ASSISTANT, .text = TEXT("caf\xC3\xA9")},
                        message_back;
    struct session_note note = {1700000000000, TEXT("req_1"), true}, note_back;
    unsigned char key[RECORD_NUMBERED_KEY_BYTES];
    struct arena arena = {0};
    struct buffer value = buffer_in(&arena);

    record_put_session(&value, session_key, &session);
    EXPECT(record_get_session(session_key, buffer_text(&value), &back, NULL));
    EXPECT_TEXT(back.endpoint, "chat");
    EXPECT_TEXT(back.token_id, "tok_9");
    EXPECT_EQ(back.created_ms, 5);
    EXPECT_EQ(back.expires_ms, 7);
    EXPECT_EQ(back.revision, 3);
    EXPECT_EQ(back.first, 11);
    EXPECT_EQ(back.next, 17);
    EXPECT_EQ(back.bytes, 4711);
    EXPECT_EQ(back.updated_ms, 19);
    value.len = 0;
    record_message_key(session_key, 11, key);
    record_put_message(&value, (struct text){(char *)key, sizeof key}, &message, &note);
    EXPECT(record_get_message((struct text){(char *)key, sizeof key}, buffer_text(&value),
                              &message_back, &note_back, NULL));
    EXPECT_EQ(message_back.role, CHAT_ASSISTANT);
    EXPECT_TEXT(message_back.text, "caf\xC3\xA9");
    EXPECT_EQ(note_back.stored_ms, 1700000000000);
    EXPECT_TEXT(note_back.request_id, "req_1");
    EXPECT(note_back.interrupted);
    arena_release(&arena);
}

TEST(what_was_stored_without_notes_and_times_of_change_is_read)
{
    /* As the first version wrote them: format, kind, checksum, payload. */
    static char old_session[] = "\x01S....\x04\0\0\0chat\x05\0\0\0tok_9"
                                "\x05\0\0\0\0\0\0\0\x07\0\0\0\0\0\0\0\x03\0\0\0\0\0\0\0"
                                "\x01\0\0\0\0\0\0\0\x03\0\0\0\0\0\0\0\x22\0\0\0\0\0\0\0";
    static char old_message[] = "\x01M....\x02\x02\0\0\0Hi";
    struct session_note note;
    struct record_session session;
    struct chat_message message;

    record_seal(session_key, old_session, sizeof old_session - 1);
    EXPECT(record_get_session(session_key, (struct text){old_session, sizeof old_session - 1},
                              &session, NULL));
    EXPECT_EQ(session.next, 3);
    EXPECT_EQ(session.bytes, 0x22);
    EXPECT_EQ(session.updated_ms, 0);
    record_seal(session_key, old_message, sizeof old_message - 1);
    EXPECT(record_get_message(session_key, (struct text){old_message, sizeof old_message - 1},
                              &message, &note, NULL));
    EXPECT_TEXT(message.text, "Hi");
    EXPECT_EQ(note.stored_ms, 0);
    EXPECT(!note.interrupted && note.request_id.len == 0);
}

TEST(a_secret_comes_back_as_it_was_put_and_no_flipped_bit_or_cut_goes_unnoticed)
{
    struct secret_record secret = {TEXT("openai"), TEXT("mk_1"), TEXT("\x01\x00\xFF"), 17}, back;
    struct arena arena = {0};
    struct buffer value = buffer_in(&arena);

    record_put_secret(&value, secret.name, &secret);
    EXPECT(record_get_secret(secret.name, buffer_text(&value), &back, NULL));
    EXPECT_TEXT(back.name, "openai");
    EXPECT_TEXT(back.key_id, "mk_1");
    EXPECT(text_equal(back.sealed, secret.sealed));
    EXPECT_EQ(back.created_ms, 17);
    EXPECT(!record_get_secret(TEXT("mistral"), buffer_text(&value), &back, NULL));
    for (size_t bit = 0; bit < value.len * 8; bit++) {
        value.at[bit / 8] = (char)(value.at[bit / 8] ^ (1 << bit % 8));
        EXPECT(!record_get_secret(secret.name, buffer_text(&value), &back, NULL));
        value.at[bit / 8] = (char)(value.at[bit / 8] ^ (1 << bit % 8));
    }
    for (size_t len = RECORD_HEAD_BYTES; len < value.len; len++) {
        struct text cut = arena_copy(&arena, text_first(buffer_text(&value), len));

        record_seal(secret.name, (char *)(uintptr_t)cut.at, cut.len);
        EXPECT(!record_get_secret(secret.name, cut, &back, NULL));
    }
    arena_release(&arena);
}

TEST(every_flipped_bit_is_noticed)
{
    const struct text scopes[] = {TEXT("*")};
    struct token_record token = sample_token(scopes, 1), back;
    struct arena arena = {0};
    struct buffer value = buffer_in(&arena);

    record_put_token(&value, token.id, &token);
    for (size_t bit = 0; bit < value.len * 8; bit++) {
        struct error err = {0};

        value.at[bit / 8] = (char)(value.at[bit / 8] ^ (1 << bit % 8));
        EXPECT(!record_get_token(token.id, buffer_text(&value), &arena, &back, &err));
        EXPECT_EQ(err.code, ERROR_RECORD_DAMAGED);
        value.at[bit / 8] = (char)(value.at[bit / 8] ^ (1 << bit % 8));
    }
    EXPECT(record_get_token(token.id, buffer_text(&value), &arena, &back, NULL));
    arena_release(&arena);
}

TEST(a_value_cut_or_extended_is_noticed_even_with_a_right_checksum)
{
    struct record_session session = {TEXT("chat"), TEXT("tok_9"), 5, 7, 3, 11, 17, 4711, 0}, back;
    struct arena arena = {0};
    struct buffer value = buffer_in(&arena);

    record_put_session(&value, session_key, &session);
    for (size_t len = RECORD_HEAD_BYTES; len < value.len; len++) {
        struct text cut = arena_copy(&arena, text_first(buffer_text(&value), len));

        record_seal(session_key, (char *)(uintptr_t)cut.at, cut.len);
        EXPECT(!record_get_session(session_key, cut, &back, NULL));
    }
    buffer_put_byte(&value, 0);
    record_seal(session_key, value.at, value.len);
    EXPECT(!record_get_session(session_key, buffer_text(&value), &back, NULL));
    EXPECT(!record_get_session(session_key, TEXT("\x01S\x00"), &back, NULL));
    EXPECT(!record_get_session(session_key, (struct text){0}, &back, NULL));
    arena_release(&arena);
}

TEST(a_value_under_another_key_or_of_another_kind_is_noticed)
{
    struct record_session session = {TEXT("chat"), TEXT("tok_9"), 5, 7, 3, 11, 17, 4711, 0}, back;
    struct chat_message message;
    struct session_note note;
    struct arena arena = {0};
    struct buffer value = buffer_in(&arena);
    struct error err = {0};

    record_put_session(&value, session_key, &session);
    EXPECT(!record_get_session(TEXT("ses_00000000000000000000000002"), buffer_text(&value), &back,
                               &err));
    EXPECT(!record_get_message(session_key, buffer_text(&value), &message, &note, &err));
    EXPECT_STR(err.message, "a stored record is damaged: it is of another kind");
    arena_release(&arena);
}

TEST(counts_that_make_no_sense_are_refused_before_memory_is_taken)
{
    struct record_session session = {.first = 5, .next = 4}, back;
    struct token_record token = sample_token(NULL, 0), token_back;
    struct arena arena = {0}, scratch = {0};
    struct buffer value = buffer_in(&arena);

    record_put_session(&value, session_key, &session);
    EXPECT(!record_get_session(session_key, buffer_text(&value), &back, NULL));
    value.len = 0;
    session = (struct record_session){.first = 1, .next = 2ULL + RECORD_SESSION_MESSAGES_MAX};
    record_put_session(&value, session_key, &session);
    EXPECT(!record_get_session(session_key, buffer_text(&value), &back, NULL));
    value.len = 0;
    record_put_token(&value, token.id, &token);
    memset(value.at + value.len - 4, 0xFF, 4);
    record_seal(token.id, value.at, value.len);
    EXPECT(!record_get_token(token.id, buffer_text(&value), &scratch, &token_back, NULL));
    EXPECT_EQ(scratch.total_bytes, 0);
    arena_release(&arena);
}

TEST(keys_sort_as_numbers_and_times_do)
{
    unsigned char low[RECORD_NUMBERED_KEY_BYTES], high[RECORD_NUMBERED_KEY_BYTES];
    struct text id;
    int64_t expires_ms;

    record_message_key(session_key, 255, low);
    record_message_key(session_key, 256, high);
    EXPECT(memcmp(low, high, sizeof low) < 0);
    record_expiry_key(0xFFFF, session_key, low);
    record_expiry_key(0x10000, TEXT("ses_00000000000000000000000000"), high);
    EXPECT(memcmp(low, high, sizeof low) < 0);
    EXPECT(record_expiry_split((struct text){(char *)low, sizeof low}, &expires_ms, &id));
    EXPECT_EQ(expires_ms, 0xFFFF);
    EXPECT(text_equal(id, session_key));
    EXPECT(!record_expiry_split((struct text){(char *)low, sizeof low - 1}, &expires_ms, &id));
    low[0] = 0x80;
    EXPECT(!record_expiry_split((struct text){(char *)low, sizeof low}, &expires_ms, &id));
}

TEST(damage_is_told_with_its_place)
{
    unsigned char key[RECORD_NUMBERED_KEY_BYTES];
    struct error err = {0};

    record_message_key(session_key, 12, key);
    EXPECT(!record_missing(RECORD_MESSAGE, (struct text){(char *)key, sizeof key}, &err));
    EXPECT_STR(err.at, "message of session ses_00000000000000000000000001, 12");
    record_expiry_key(12, session_key, key);
    EXPECT(!record_missing(RECORD_EXPIRY, (struct text){(char *)key, sizeof key}, &err));
    EXPECT_STR(err.at, "expiry of session ses_00000000000000000000000001");
    EXPECT(!record_missing(RECORD_TOKEN, TEXT("tok_\x01\x02"), &err));
    EXPECT_STR(err.at, "token tok_");
}

TEST(what_is_kept_under_an_idempotency_key_reads_as_it_was_put_and_no_part_of_it_reads)
{
    const struct idempotency_header headers[] = {{TEXT("content-type"), TEXT("text/plain")}};
    struct idempotency_record record = {.epoch = 1,
                                        .owner = 2,
                                        .expires_ms = 3,
                                        .busy_until_ms = -4,
                                        .state = IDEMPOTENCY_ANSWERED,
                                        .status = 422,
                                        .headers = headers,
                                        .header_count = 1,
                                        .body = TEXT("no")},
                              back;
    struct arena arena = {0};
    struct buffer value = buffer_in(&arena);
    struct text key = idempotency_key(&record);

    memset(record.key, 'k', sizeof record.key);
    memset(record.fingerprint, 'f', sizeof record.fingerprint);
    record_put_idempotency(&value, key, &record);
    EXPECT(record_get_idempotency(key, buffer_text(&value), &arena, &back, NULL));
    EXPECT(memcmp(back.fingerprint, record.fingerprint, sizeof back.fingerprint) == 0);
    EXPECT(back.epoch == 1 && back.owner == 2 && back.expires_ms == 3 && back.busy_until_ms == -4);
    EXPECT_EQ(back.status, 422);
    EXPECT_TEXT(back.headers[0].name, "content-type");
    EXPECT_TEXT(back.body, "no");
    for (size_t len = 0; len < value.len; len++)
        EXPECT(!record_get_idempotency(key, text_first(buffer_text(&value), len), &arena, &back,
                                       NULL));
    for (size_t bit = 0; bit < value.len * 8; bit++) {
        value.at[bit / 8] = (char)(value.at[bit / 8] ^ 1 << bit % 8);
        EXPECT(!record_get_idempotency(key, buffer_text(&value), &arena, &back, NULL));
        value.at[bit / 8] = (char)(value.at[bit / 8] ^ 1 << bit % 8);
    }
    EXPECT(!record_get_idempotency(TEXT("k"), buffer_text(&value), &arena, &back, NULL));
    arena_release(&arena);
}

TEST(a_stored_response_reads_as_it_was_put_and_no_part_of_it_reads)
{
    struct response_record record = {.created_ms = 1,
                                     .expires_ms = 2,
                                     .id = TEXT("resp_1"),
                                     .token_id = TEXT("tok_1"),
                                     .endpoint = TEXT("chat"),
                                     .input = TEXT("[1]"),
                                     .asked = TEXT("what?"),
                                     .body = TEXT("{\"a\":[]}"),
                                     .output_at = 5,
                                     .output = TEXT("[]")},
                           back;
    struct buffer value = {0};
    struct text key = response_record_key(&record);

    memset(record.key, 'k', sizeof record.key);
    memset(record.previous, 'p', sizeof record.previous);
    record_put_response(&value, key, &record);
    EXPECT(record_get_response(key, buffer_text(&value), &back, NULL));
    EXPECT(back.created_ms == 1 && back.expires_ms == 2);
    EXPECT(memcmp(back.previous, record.previous, sizeof back.previous) == 0);
    EXPECT_TEXT(back.id, "resp_1");
    EXPECT_TEXT(back.token_id, "tok_1");
    EXPECT_TEXT(back.endpoint, "chat");
    EXPECT_TEXT(back.input, "[1]");
    EXPECT_TEXT(back.asked, "what?");
    EXPECT_TEXT(back.body, "{\"a\":[]}");
    EXPECT_TEXT(back.output, "[]");
    EXPECT_EQ(back.output_at, 5);
    for (size_t len = 0; len < value.len; len++)
        EXPECT(!record_get_response(key, text_first(buffer_text(&value), len), &back, NULL));
    for (size_t bit = 0; bit < value.len * 8; bit++) {
        value.at[bit / 8] = (char)(value.at[bit / 8] ^ 1 << bit % 8);
        EXPECT(!record_get_response(key, buffer_text(&value), &back, NULL));
        value.at[bit / 8] = (char)(value.at[bit / 8] ^ 1 << bit % 8);
    }
    EXPECT(!record_get_response(TEXT("k"), buffer_text(&value), &back, NULL));
    value.len = 0;
    record_put_response_expiry(&value, key, &record);
    EXPECT(record_get_response_expiry(key, buffer_text(&value), &back, NULL));
    EXPECT_TEXT(back.token_id, "tok_1");
    EXPECT_TEXT(back.endpoint, "chat");
    EXPECT(!record_get_response(key, buffer_text(&value), &back, NULL));
    buffer_release(&value);
}

TEST(a_cached_answer_reads_as_it_was_put_and_no_part_of_it_reads)
{
    struct cache_record record = {.stored_ms = 1,
                                  .expires_ms = 2,
                                  .endpoint = TEXT("sum"),
                                  .project = TEXT("acme"),
                                  .bytes = TEXT("seven")},
                        back;
    struct buffer value = {0};
    struct text key = cache_record_key(&record);

    memset(record.key, 'k', sizeof record.key);
    record_put_cache(&value, key, &record);
    EXPECT(record_get_cache(key, buffer_text(&value), &back, NULL));
    EXPECT(back.stored_ms == 1 && back.expires_ms == 2);
    EXPECT_TEXT(back.endpoint, "sum");
    EXPECT_TEXT(back.project, "acme");
    EXPECT_TEXT(back.bytes, "seven");
    for (size_t len = 0; len < value.len; len++)
        EXPECT(!record_get_cache(key, text_first(buffer_text(&value), len), &back, NULL));
    for (size_t bit = 0; bit < value.len * 8; bit++) {
        value.at[bit / 8] = (char)(value.at[bit / 8] ^ 1 << bit % 8);
        EXPECT(!record_get_cache(key, buffer_text(&value), &back, NULL));
        value.at[bit / 8] = (char)(value.at[bit / 8] ^ 1 << bit % 8);
    }
    EXPECT(!record_get_cache(TEXT("k"), buffer_text(&value), &back, NULL));
    value.len = 0;
    record_put_cache_expiry(&value, key, &record);
    EXPECT(record_get_cache_expiry(key, buffer_text(&value), &back, NULL));
    EXPECT_TEXT(back.endpoint, "sum");
    EXPECT(!record_get_cache(key, buffer_text(&value), &back, NULL));
    buffer_release(&value);
}

TEST(a_rule_that_is_switched_off_reads_as_it_was_put_and_no_part_of_it_reads)
{
    struct canary_record canary = {.endpoint = TEXT("summarize"),
                                   .rule = TEXT("canary"),
                                   .off_ms = 7,
                                   .why = CANARY_COST,
                                   .window_ms = 600000,
                                   .taken = {50, 5, 49, 1000},
                                   .rest = {900, 1, 800, 9000}},
                         back;
    unsigned char bytes[RECORD_CANARY_KEY_BYTES_MAX];
    struct buffer value = {0};
    struct text key;

    memset(canary.digest, 'd', sizeof canary.digest);
    key = record_canary_key(canary.endpoint, canary.digest, bytes);
    record_put_canary(&value, key, &canary);
    EXPECT(record_get_canary(key, buffer_text(&value), &back, NULL));
    EXPECT_TEXT(back.endpoint, "summarize");
    EXPECT_TEXT(back.rule, "canary");
    EXPECT(memcmp(back.digest, canary.digest, sizeof back.digest) == 0);
    EXPECT(back.off_ms == 7 && back.why == CANARY_COST && back.window_ms == 600000);
    EXPECT(back.taken.refused == 5 && back.taken.cost_nano == 1000);
    EXPECT(back.rest.calls == 900 && back.rest.costed == 800);
    for (size_t len = 0; len < value.len; len++)
        EXPECT(!record_get_canary(key, text_first(buffer_text(&value), len), &back, NULL));
    for (size_t bit = 0; bit < value.len * 8; bit++) {
        value.at[bit / 8] = (char)(value.at[bit / 8] ^ 1 << bit % 8);
        EXPECT(!record_get_canary(key, buffer_text(&value), &back, NULL));
        value.at[bit / 8] = (char)(value.at[bit / 8] ^ 1 << bit % 8);
    }
    EXPECT(!record_get_canary(TEXT("k"), buffer_text(&value), &back, NULL));
    canary.taken.refused = 51; /* of 50 */
    value.len = 0;
    record_put_canary(&value, key, &canary);
    EXPECT(!record_get_canary(key, buffer_text(&value), &back, NULL));
    buffer_release(&value);
}

TEST(an_event_that_is_to_be_sent_reads_as_it_was_put_and_no_part_of_it_reads)
{
    struct webhook_record event = {.state = WEBHOOK_WAITING,
                                   .webhook = TEXT("ops"),
                                   .at_ms = 9,
                                   .id = TEXT("evt_00000000000000000000000001"),
                                   .type = TEXT("budget"),
                                   .created_ms = 7,
                                   .since_ms = 8,
                                   .tries = 3,
                                   .status = 503,
                                   .reason = TEXT("status 503"),
                                   .body = TEXT("{}")},
                          back;
    unsigned char bytes[RECORD_WEBHOOK_KEY_BYTES_MAX];
    struct buffer value = {0};
    struct text key = record_webhook_key(&event, bytes);

    record_put_webhook(&value, key, &event);
    EXPECT(record_get_webhook(key, buffer_text(&value), &back, NULL));
    EXPECT(back.state == WEBHOOK_WAITING && back.at_ms == 9 && back.created_ms == 7);
    EXPECT(back.since_ms == 8 && back.tries == 3 && back.status == 503);
    EXPECT_TEXT(back.webhook, "ops");
    EXPECT_TEXT(back.id, "evt_00000000000000000000000001");
    EXPECT_TEXT(back.type, "budget");
    EXPECT_TEXT(back.reason, "status 503");
    EXPECT_TEXT(back.body, "{}");
    for (size_t len = 0; len < value.len; len++)
        EXPECT(!record_get_webhook(key, text_first(buffer_text(&value), len), &back, NULL));
    for (size_t len = 0; len < key.len; len++)
        EXPECT(!record_get_webhook(text_first(key, len), buffer_text(&value), &back, NULL));
    for (size_t bit = 0; bit < value.len * 8; bit++) {
        value.at[bit / 8] = (char)(value.at[bit / 8] ^ 1 << bit % 8);
        EXPECT(!record_get_webhook(key, buffer_text(&value), &back, NULL));
        value.at[bit / 8] = (char)(value.at[bit / 8] ^ 1 << bit % 8);
    }
    buffer_release(&value);
}

TEST(a_note_reads_as_it_was_put_and_no_part_of_it_reads)
{
    struct note_record note = {.noted_ms = 9,
                               .id = TEXT("note_00000000000000000000000001"),
                               .endpoint = TEXT("summarize"),
                               .kind = TEXT("latency"),
                               .since_ms = 7,
                               .over_ms = 11,
                               .usual = 800000000,
                               .now = 2500000000,
                               .worst = 2600000000,
                               .calls = 120},
                       back;
    unsigned char bytes[RECORD_NOTE_KEY_BYTES];
    struct buffer value = {0};
    struct text key = record_note_key(&note, bytes);

    record_put_note(&value, key, &note);
    EXPECT(record_get_note(key, buffer_text(&value), &back, NULL));
    EXPECT(back.noted_ms == 9 && back.since_ms == 7 && back.over_ms == 11 && back.calls == 120);
    EXPECT(back.usual == 800000000 && back.now == 2500000000 && back.worst == 2600000000);
    EXPECT_TEXT(back.id, "note_00000000000000000000000001");
    EXPECT_TEXT(back.endpoint, "summarize");
    EXPECT_TEXT(back.kind, "latency");
    for (size_t len = 0; len < value.len; len++)
        EXPECT(!record_get_note(key, text_first(buffer_text(&value), len), &back, NULL));
    for (size_t len = 0; len < key.len; len++)
        EXPECT(!record_get_note(text_first(key, len), buffer_text(&value), &back, NULL));
    for (size_t bit = 0; bit < value.len * 8; bit++) {
        value.at[bit / 8] = (char)(value.at[bit / 8] ^ 1 << bit % 8);
        EXPECT(!record_get_note(key, buffer_text(&value), &back, NULL));
        value.at[bit / 8] = (char)(value.at[bit / 8] ^ 1 << bit % 8);
    }
    buffer_release(&value);
}
