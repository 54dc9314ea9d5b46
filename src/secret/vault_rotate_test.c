#include "secret/vault_fixture.h"

#include "unit.h"

enum { SECRETS = 20 };

static void set_all(struct vault_fixture *fixture)
{
    struct error err = {0};

    for (int i = 0; i < SECRETS; i++)
        EXPECT(vault_fixture_set(fixture, arena_printf(&fixture->arena, "s%d", i).at,
                                 arena_printf(&fixture->arena, "value %d", i).at, &err));
}

static void expect_all(struct vault_fixture *fixture)
{
    for (int i = 0; i < SECRETS; i++)
        EXPECT_STR(vault_fixture_find(fixture, arena_printf(&fixture->arena, "s%d", i).at),
                   arena_printf(&fixture->arena, "value %d", i).at);
}

static struct text first_key_id(struct vault_fixture *fixture)
{
    struct key_ring *ring = key_ring_open(&fixture->source, NULL);
    struct text id = arena_copy(&fixture->arena, master_key_id(&ring->keys[0]));

    key_ring_close(ring);
    return id;
}

TEST(a_rotation_seals_everything_anew_and_retires_the_old_key)
{
    struct vault_fixture fixture;
    struct vault_rotation rotation;
    const struct vault_secret *secrets;
    struct error err = {0};
    struct text before;
    size_t count;

    vault_fixture_open(&fixture);
    set_all(&fixture);
    before = first_key_id(&fixture);
    EXPECT(vault_rotate(&fixture.vault, &(struct audit_event){.wall_ms = 1764158400000},
                        &fixture.arena, &rotation, &err));
    EXPECT(rotation.renewed);
    EXPECT_EQ(rotation.resealed, SECRETS);
    EXPECT_EQ(rotation.retired, 1);
    EXPECT(!rotation.retire_by_hand);
    EXPECT_TEXT(rotation.file, fixture.key_file);
    EXPECT(!text_equal(before, rotation.key_id));
    EXPECT(text_equal(first_key_id(&fixture), rotation.key_id));
    EXPECT(vault_list(&fixture.vault, &fixture.arena, &secrets, &count, &err));
    for (size_t i = 0; i < count; i++) {
        EXPECT(text_equal(secrets[i].key_id, rotation.key_id));
        EXPECT_EQ(secrets[i].created_ms, 1700000000000); /* its value is as old as it was */
    }
    EXPECT(strstr(vault_fixture_keys(&fixture), " retired 2025-11-26: ") != NULL);
    expect_all(&fixture);
    vault_fixture_close(&fixture);
}

/* The states in which a crash can leave it: the new key is in the file; any number of secrets are
 * sealed anew; the old key is still there although nothing needs it. */
TEST(a_rotation_that_was_cut_off_anywhere_loses_nothing_and_is_finished_by_the_next)
{
    for (size_t done = 0; done <= SECRETS; done += 4) {
        struct vault_fixture fixture;
        struct vault_rotation rotation;
        struct key_ring *ring;
        struct error err = {0};

        vault_fixture_open(&fixture);
        set_all(&fixture);
        ring = key_ring_open(&fixture.source, NULL);
        EXPECT(key_ring_renew(&fixture.source, ring, &err));
        for (size_t i = 0; i < done; i++) /* what is set now is sealed under the new key */
            EXPECT(vault_fixture_set(&fixture, arena_printf(&fixture.arena, "s%zu", i).at,
                                     arena_printf(&fixture.arena, "value %zu", i).at, &err));
        vault_fixture_stop(&fixture);
        vault_fixture_start(&fixture);
        expect_all(&fixture);
        EXPECT(vault_rotate(&fixture.vault, &vault_fixture_act, &fixture.arena, &rotation, &err));
        EXPECT(!rotation.renewed);
        EXPECT_EQ(rotation.resealed, SECRETS - done);
        EXPECT_EQ(rotation.retired, 1);
        EXPECT(text_equal(rotation.key_id, master_key_id(&ring->keys[0])));
        expect_all(&fixture);
        key_ring_close(ring);
        vault_fixture_close(&fixture);
    }
}

TEST(a_secret_that_does_not_open_keeps_the_old_keys_and_does_not_hold_up_the_others)
{
    struct vault_fixture fixture;
    struct vault_rotation rotation;
    struct store_command *command;
    struct key_ring *ring;
    struct error err = {0};

    vault_fixture_open(&fixture);
    set_all(&fixture);
    ring = key_ring_open(&fixture.source, NULL);
    EXPECT(key_ring_renew(&fixture.source, ring, &err));
    key_ring_close(ring);
    command = store_command_new(STORE_SECRET_PUT);
    command->secret = (struct secret_record){.name = TEXT("broken"),
                                             .key_id = TEXT("mk_0123456789abcdef"),
                                             .sealed = TEXT("0123456789012345678901234567890")};
    store_wait(fixture.vault.store, command);
    store_command_free(command);
    EXPECT(!vault_rotate(&fixture.vault, &vault_fixture_act, &fixture.arena, &rotation, &err));
    EXPECT(strstr(err.message, "'broken'") != NULL);
    EXPECT(strstr(vault_fixture_keys(&fixture), "retired") == NULL);
    expect_all(&fixture);
    EXPECT(vault_delete(&fixture.vault, TEXT("broken"), &vault_fixture_act, &err));
    EXPECT(vault_rotate(&fixture.vault, &vault_fixture_act, &fixture.arena, &rotation, &err));
    EXPECT_EQ(rotation.resealed, 0);
    EXPECT_EQ(rotation.retired, 1);
    expect_all(&fixture);
    vault_fixture_close(&fixture);
}

TEST(where_the_keys_are_not_ours_to_write_a_key_put_in_front_by_hand_is_rotated_to)
{
    struct vault_fixture fixture;
    struct vault_rotation rotation;
    struct error err = {0};
    const char *old;

    vault_fixture_open(&fixture);
    set_all(&fixture);
    fixture.vault.source.origin = KEY_ORIGIN_CREDENTIAL;
    EXPECT(!vault_rotate(&fixture.vault, &vault_fixture_act, &fixture.arena, &rotation, &err));
    EXPECT(strstr(err.hint, "put a new one in front of the old one") != NULL);
    old = vault_fixture_keys(&fixture);
    vault_fixture_put_keys(
        &fixture,
        arena_printf(&fixture.arena,
                     "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n%s", old)
            .at,
        0400);
    EXPECT(vault_rotate(&fixture.vault, &vault_fixture_act, &fixture.arena, &rotation, &err));
    EXPECT(!rotation.renewed);
    EXPECT_EQ(rotation.resealed, SECRETS);
    EXPECT(rotation.retire_by_hand);
    expect_all(&fixture);
    vault_fixture_close(&fixture);
}
