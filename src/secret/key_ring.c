/* Where keys come from, and their words. The files are in key_file.c. */
#include "secret/key_ring.h"

#include "base/check.h"
#include "secret/key_file.h"
#include "secret/memory.h"

#include <stdlib.h>
#include <sys/stat.h>

static const char variable[] = "PINION_MASTER_KEY";

/* The environment's own bytes are wiped, which /proc/PID/environ shows. */
static struct text take_variable(struct arena *arena)
{
    char *value = getenv(variable);
    struct text kept = {0};

    if (value == NULL)
        return kept;
    if (value[0] != '\0')
        kept = secret_keep(arena, text_of(value));
    secret_wipe(text_of(value));
    unsetenv(variable);
    return kept;
}

static bool is_there(struct text path)
{
    struct stat file;

    return stat(path.at, &file) == 0;
}

static struct text credential(struct arena *arena)
{
    const char *folder = getenv("CREDENTIALS_DIRECTORY");
    struct text path;

    if (folder == NULL || folder[0] != '/')
        return (struct text){0};
    path = arena_printf(arena, "%s/pinion-master-key", folder);
    return is_there(path) ? path : (struct text){0};
}

/* XDG Base Directory Specification: a path that is not absolute is to be ignored. */
static struct text of_user(struct arena *arena)
{
    const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");

    if (config != NULL && config[0] == '/')
        return arena_printf(arena, "%s/pinion/master.key", config);
    if (home != NULL && home[0] == '/')
        return arena_printf(arena, "%s/.config/pinion/master.key", home);
    return (struct text){0};
}

void key_source_find(struct text setting, struct arena *arena, struct key_source *out)
{
    *out = (struct key_source){.given = take_variable(arena)};
    if (out->given.len > 0) {
        out->origin = KEY_ORIGIN_ENVIRONMENT;
    } else if (setting.len > 0) {
        out->origin = KEY_ORIGIN_SETTING;
        out->file = arena_copy(arena, setting);
    } else if ((out->file = credential(arena)).len > 0) {
        out->origin = KEY_ORIGIN_CREDENTIAL;
    } else if ((out->file = of_user(arena)).len > 0) {
        out->origin = KEY_ORIGIN_HOME;
    }
}

struct text key_source_name(const struct key_source *source)
{
    if (source->origin == KEY_ORIGIN_ENVIRONMENT)
        return text_of(variable);
    return source->file.len > 0 ? source->file : TEXT("nowhere");
}

bool key_source_writable(const struct key_source *source)
{
    return source->origin == KEY_ORIGIN_SETTING || source->origin == KEY_ORIGIN_HOME;
}

static bool is_space(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n' || byte == ',';
}

/* Takes the next key's word off the front of *rest: false when there is none. */
bool key_word_next(struct text *rest, struct text *out_word)
{
    size_t len = 0;

    while (rest->len > 0 && (is_space(rest->at[0]) || rest->at[0] == '#'))
        *rest = text_after(*rest, rest->at[0] == '#' ? text_find_byte(*rest, '\n') : 1);
    while (len < rest->len && !is_space(rest->at[len]))
        len++;
    *out_word = text_first(*rest, len);
    *rest = text_after(*rest, len);
    return len > 0;
}

static bool read_words(const struct key_source *source, struct text words, struct key_ring *ring,
                       struct error *err)
{
    struct text name = key_source_name(source), word;

    while (key_word_next(&words, &word)) {
        if (ring->count == KEY_RING_MAX) {
            error_set(err, ERROR_MASTER_KEY_UNUSABLE, name.at, "there are more than %d master keys",
                      KEY_RING_MAX);
            error_hint(err, "take away those that open nothing any more");
            return false;
        }
        if (!master_key_parse(word, &ring->keys[ring->count])) {
            error_set(err, ERROR_MASTER_KEY_UNUSABLE, name.at,
                      "master key %zu is malformed: expected 32 random bytes as base64 or hex",
                      ring->count + 1);
            error_hint(err, "such a key is made with: openssl rand -base64 32");
            return false;
        }
        if (key_ring_find(ring, master_key_id(&ring->keys[ring->count])) == NULL)
            ring->count++;
    }
    return true;
}

struct key_ring *key_ring_open(const struct key_source *source, struct error *err)
{
    struct key_ring *ring = secret_alloc(sizeof *ring);
    struct key_file file = {0};
    struct error error = {0};
    bool good = true;

    if (source->origin == KEY_ORIGIN_ENVIRONMENT) {
        good = read_words(source, source->given, ring, &error);
    } else if (source->origin != KEY_ORIGIN_NONE) {
        good = key_file_read(source, &file, &error) && read_words(source, file.words, ring, &error);
        key_file_release(&file);
    }
    if (good)
        return ring;
    key_ring_close(ring);
    if (err != NULL)
        *err = error;
    return NULL;
}

void key_ring_close(struct key_ring *ring)
{
    secret_free(ring, sizeof *ring);
}

const struct master_key *key_ring_find(const struct key_ring *ring, struct text id)
{
    for (size_t i = 0; i < ring->count; i++)
        if (text_equal(master_key_id(&ring->keys[i]), id))
            return &ring->keys[i];
    return NULL;
}

bool key_ring_renew(const struct key_source *source, struct key_ring *ring, struct error *err)
{
    struct master_key *fresh;
    bool good;

    CHECK(key_source_writable(source));
    if (ring->count == KEY_RING_MAX)
        return error_set(err, ERROR_MASTER_KEY_UNUSABLE, key_source_name(source).at,
                         "there are already %d master keys", KEY_RING_MAX);
    fresh = secret_alloc(sizeof *fresh);
    master_key_new(fresh);
    good = key_file_put_first(source, fresh, err);
    if (good) {
        memmove(&ring->keys[1], &ring->keys[0], ring->count * sizeof ring->keys[0]);
        ring->keys[0] = *fresh;
        ring->count++;
    }
    secret_free(fresh, sizeof *fresh);
    return good;
}

bool key_ring_retire(const struct key_source *source, struct key_ring *ring, struct text date,
                     struct error *err)
{
    CHECK(key_source_writable(source) && ring->count > 0);
    if (!key_file_keep_first(source, date, err))
        return false;
    while (ring->count > 1)
        secret_wipe((struct text){(char *)&ring->keys[--ring->count], sizeof ring->keys[0]});
    return true;
}
