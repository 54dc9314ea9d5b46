/* store/store_fixture.h
 * A store in a folder of its own, and commands in one line. Only for tests. */
#pragma once
#include "base/check.h"
#include "store/record.h"
#include "store/store_impl.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct fixture {
    char folder[64];
    struct store *store;
};

static inline void fixture_reopen(struct fixture *fixture, size_t map_bytes)
{
    struct error err = {0};

    fixture->store = store_open_lmdb_sized(text_of(fixture->folder), map_bytes, &err);
    if (fixture->store == NULL)
        fprintf(stderr, "%s: %s\n", err.at, err.message);
    CHECK(fixture->store != NULL);
}

static inline void fixture_make_folder(struct fixture *fixture)
{
    snprintf(fixture->folder, sizeof fixture->folder, "/tmp/pinion-store-XXXXXX");
    CHECK(mkdtemp(fixture->folder) != NULL);
}

static inline void fixture_open(struct fixture *fixture)
{
    fixture_make_folder(fixture);
    fixture_reopen(fixture, (size_t)256 << 20);
}

static inline void fixture_path(const struct fixture *fixture, const char *name, char out[128])
{
    snprintf(out, 128, "%s/%s", fixture->folder, name);
}

static inline void fixture_remove(struct fixture *fixture)
{
    static const char *const names[] = {"data.mdb", "lock.mdb", "pinion.lock", "ballast",
                                        "audit.key"};
    char path[128];

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        fixture_path(fixture, names[i], path);
        unlink(path);
    }
    rmdir(fixture->folder);
}

static inline void fixture_close(struct fixture *fixture)
{
    store_close(fixture->store);
    fixture->store = NULL;
    fixture_remove(fixture);
}

/* "ses_" and a number of 26 digits. */
static inline struct text fixture_id(struct arena *arena, const char *prefix, unsigned number)
{
    return arena_printf(arena, "%s%026u", prefix, number);
}

/* An append of `count` messages of `bytes` bytes each. */
static inline struct store_command *fixture_append(unsigned session, uint64_t revision,
                                                   size_t count, size_t bytes)
{
    struct store_command *command = store_command_new(STORE_SESSION_APPEND);
    struct chat_message *messages = ARENA_ARRAY(&command->arena, struct chat_message, count);

    for (size_t i = 0; i < count; i++) {
        char *text = arena_bytes(&command->arena, bytes);

        memset(text, 'a' + (int)(revision % 26), bytes);
        messages[i] = (struct chat_message){.role = i % 2 == 0 ? CHAT_USER : CHAT_ASSISTANT,
                                            .text = {text, bytes}};
    }
    command->session = (struct session_record){
        .id = fixture_id(&command->arena, "ses_", session),
        .endpoint = TEXT("summarize"),
        .token_id = TEXT("tok_1"),
        .created_ms = 1000,
        .expires_ms = 5000 + session,
        .revision = revision,
        .messages = messages,
        .message_count = count,
    };
    return command;
}

static inline struct store_command *fixture_on_session(enum store_kind kind, unsigned session)
{
    struct store_command *command = store_command_new(kind);

    command->session.id = fixture_id(&command->arena, "ses_", session);
    return command;
}

/* Carries a command out, frees it, gives its error code. */
static inline enum error_code fixture_run(struct fixture *fixture, struct store_command *command)
{
    enum error_code code;

    store_wait(fixture->store, command);
    code = command->error.code;
    store_command_free(command);
    return code;
}
