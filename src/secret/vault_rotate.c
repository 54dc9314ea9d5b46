/* A rotation is begun when the ring has a second key or a secret is under another than the first,
 * and ended when neither is so. So what a crash leaves is a rotation that was begun. */
#include "base/check.h"
#include "base/clock.h"
#include "secret/vault_impl.h"

struct turn {
    struct vault *vault;
    struct key_ring *ring;
    const struct audit_event *act;
    struct arena *arena;
    const struct secret_record *records;
    size_t count;
};

static bool is_current(const struct turn *turn, const struct secret_record *record)
{
    return text_equal(record->key_id, master_key_id(&turn->ring->keys[0]));
}

static size_t count_stale(const struct turn *turn)
{
    size_t stale = 0;

    for (size_t i = 0; i < turn->count; i++)
        stale += !is_current(turn, &turn->records[i]);
    return stale;
}

static bool read_records(struct turn *turn, struct error *err)
{
    bool there;

    return vault_records(turn->vault, turn->arena, &turn->records, &turn->count, &there, err);
}

static bool begin(struct turn *turn, struct vault_rotation *out, struct error *err)
{
    const struct key_source *source = &turn->vault->source;

    if (turn->ring->count == 0) {
        out->renewed = true;
        return vault_first_key(turn->vault, turn->ring, turn->count, err);
    }
    if (turn->ring->count > 1 || count_stale(turn) > 0)
        return true;
    if (key_source_writable(source)) {
        out->renewed = true;
        if (key_ring_renew(source, turn->ring, err))
            return true;
        error_hint(err, "where pinion cannot write, put a new key in front of the old one by hand, "
                        "then rotate again");
        return false;
    }
    error_set(err, ERROR_MASTER_KEY_UNUSABLE, key_source_name(source).at,
              "the master key comes from '%s', where pinion cannot put a new one",
              key_source_name(source).at);
    error_hint(err, "put a new one in front of the old one there, restart, then rotate again");
    return false;
}

/* One secret, in one step: whoever reads it finds it under the old key or under the new. */
static bool reseal(struct turn *turn, const struct secret_record *record, struct error *err)
{
    struct arena scratch = {0};
    struct secret_record fresh;
    struct text value;
    bool good = secret_open(turn->ring, record, &scratch, &value, err);

    if (good) {
        secret_seal(&turn->ring->keys[0], record->name, value, record->created_ms, &scratch,
                    &fresh);
        good = vault_put(turn->vault, &fresh, record->sealed, turn->act, AUDIT_SECRET_ROTATE, err);
    }
    arena_release(&scratch);
    return good;
}

/* All that can be; the first that cannot is told. */
static bool reseal_all(struct turn *turn, size_t *resealed, struct error *err)
{
    struct error first = {0};

    for (size_t i = 0; i < turn->count; i++) {
        struct error why = {0};

        if (is_current(turn, &turn->records[i]))
            continue;
        if (reseal(turn, &turn->records[i], &why))
            ++*resealed;
        else if (first.code == ERROR_NONE)
            first = why;
    }
    if (first.code != ERROR_NONE)
        *err = first;
    return first.code == ERROR_NONE;
}

static bool retire(struct turn *turn, struct vault_rotation *out, struct error *err)
{
    const struct key_source *source = &turn->vault->source;
    char now[CLOCK_RFC3339_BYTES];

    out->retired = turn->ring->count - 1;
    if (out->retired == 0)
        return true;
    if (!read_records(turn, err))
        return false;
    CHECK(count_stale(turn) == 0);
    /* That it cannot is no failure: everything is sealed under the new key. */
    out->retire_by_hand =
        !key_source_writable(source) ||
        !key_ring_retire(source, turn->ring, text_first(clock_rfc3339(turn->act->wall_ms, now), 10),
                         err);
    if (out->retire_by_hand)
        *err = (struct error){0};
    return true;
}

/* That it is over, and what the secrets are under now; each of them has a record of its own. */
static bool record_end(struct turn *turn, const struct vault_rotation *out, struct error *err)
{
    struct store_command *command = store_command_new(STORE_AUDIT_APPEND);
    bool good;

    command->audit = audit_event_copy(&command->arena, turn->act);
    command->audit->action = AUDIT_SECRET_ROTATE;
    command->audit->object =
        arena_printf(&command->arena, "master key %.*s", TEXT_ARG(out->key_id));
    command->audit->details = arena_printf(&command->arena, "{\"resealed\":%zu,\"retired\":%zu}",
                                           out->resealed, out->retired);
    store_wait(turn->vault->store, command);
    good = command->error.code == ERROR_NONE;
    if (!good)
        *err = command->error;
    store_command_free(command);
    return good;
}

static bool rotate(struct turn *turn, struct vault_rotation *out, struct error *err)
{
    if (!read_records(turn, err) || !begin(turn, out, err))
        return false;
    out->key_id = arena_copy(turn->arena, master_key_id(&turn->ring->keys[0]));
    out->file = arena_copy(turn->arena, turn->vault->source.file);
    return reseal_all(turn, &out->resealed, err) && retire(turn, out, err) &&
           record_end(turn, out, err);
}

bool vault_rotate(struct vault *vault, const struct audit_event *act, struct arena *arena,
                  struct vault_rotation *out, struct error *err)
{
    struct turn turn = {.vault = vault, .act = act, .arena = arena};
    bool good;

    CHECK(vault->store != NULL);
    *out = (struct vault_rotation){0};
    pthread_mutex_lock(&vault->lock);
    turn.ring = key_ring_open(&vault->source, err);
    good = turn.ring != NULL && rotate(&turn, out, err);
    key_ring_close(turn.ring);
    pthread_mutex_unlock(&vault->lock);
    return good;
}
