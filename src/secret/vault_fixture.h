/* secret/vault_fixture.h
 * A vault over a store and a key file in a folder of their own. Only for tests. */
#pragma once
#include "base/check.h"
#include "secret/vault.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct vault_fixture {
    char folder[64], store_folder[80], key_file[96];
    struct key_source source;
    struct vault vault;
    struct arena arena;
};

/* As a process that starts: opens the store that is there, or makes one. */
static inline void vault_fixture_start(struct vault_fixture *fixture)
{
    struct error err = {0};
    struct store *store = store_open_lmdb(text_of(fixture->store_folder), &err);

    CHECK(store != NULL);
    fixture->source.origin = KEY_ORIGIN_SETTING;
    fixture->source.file = text_of(fixture->key_file);
    vault_init(&fixture->vault, &fixture->source, text_of(fixture->store_folder), store);
}

static inline void vault_fixture_stop(struct vault_fixture *fixture)
{
    store_close(fixture->vault.store);
    vault_release(&fixture->vault);
}

static inline void vault_fixture_open(struct vault_fixture *fixture)
{
    *fixture = (struct vault_fixture){.folder = "/tmp/pinion-vault-XXXXXX"};
    CHECK(mkdtemp(fixture->folder) != NULL);
    snprintf(fixture->store_folder, sizeof fixture->store_folder, "%s/var", fixture->folder);
    snprintf(fixture->key_file, sizeof fixture->key_file, "%s/master.key", fixture->folder);
    vault_fixture_start(fixture);
}

static inline void vault_fixture_close(struct vault_fixture *fixture)
{
    char command[128];

    vault_fixture_stop(fixture);
    arena_release(&fixture->arena);
    snprintf(command, sizeof command, "rm -rf %s", fixture->folder);
    CHECK(system(command) == 0);
}

static const struct audit_event vault_fixture_act = {.wall_ms = 7, .actor = AUDIT_BY_OWNER};

static inline bool vault_fixture_set(struct vault_fixture *fixture, const char *name,
                                     const char *value, struct error *err)
{
    const struct audit_event act = {.wall_ms = 1700000000000, .actor = AUDIT_BY_OWNER};
    struct vault_secret secret;
    struct text new_key;

    return vault_set(&fixture->vault, text_of(name), text_of(value), &act, &fixture->arena, &secret,
                     &new_key, err);
}

/* The value as a load finds it, or why not. */
static inline const char *vault_fixture_find(struct vault_fixture *fixture, const char *name)
{
    struct vault_reading reading = {.vault = &fixture->vault};
    struct error err = {0};
    struct text value;
    bool good = vault_find(&reading, text_of(name), &fixture->arena, &value, &err);

    vault_reading_release(&reading);
    return good ? value.at : arena_printf(&fixture->arena, "%s", err.message).at;
}

/* What the key file holds; empty when there is none. */
static inline const char *vault_fixture_keys(struct vault_fixture *fixture)
{
    char *text = arena_bytes(&fixture->arena, 4096);
    int fd = open(fixture->key_file, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd >= 0 ? read(fd, text, 4095) : 0;

    CHECK(got >= 0);
    text[got] = '\0';
    if (fd >= 0)
        close(fd);
    return text;
}

static inline void vault_fixture_put_keys(struct vault_fixture *fixture, const char *text,
                                          mode_t mode)
{
    int fd;

    unlink(fixture->key_file);
    fd = open(fixture->key_file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    CHECK(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    CHECK(fchmod(fd, mode) == 0);
    close(fd);
}
