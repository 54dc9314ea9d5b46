/* The opener of sealed secrets and the reader of master keys, on any bytes: what was not sealed
 * never opens, and nothing is read or written outside. The first byte chooses: a record of these
 * bytes; a record that was sealed, damaged at a place that they choose; a key file of these bytes.
 */
#include "base/check.h"
#include "secret/secret.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct key_ring *ring(void)
{
    static struct key_ring keys;

    if (keys.count == 0) {
        CHECK(master_key_parse(
            TEXT("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"),
            &keys.keys[0]));
        keys.count = 1;
    }
    return &keys;
}

static bool opens(const struct secret_record *record)
{
    struct arena arena = {0};
    struct error err = {0};
    struct text value;
    bool good = secret_open(ring(), record, &arena, &value, &err);

    CHECK(good == (err.code == ERROR_NONE));
    arena_release(&arena);
    return good;
}

static void try_any(struct text input)
{
    struct secret_record record = {.name = text_first(input, 8),
                                   .key_id = master_key_id(&ring()->keys[0]),
                                   .sealed = text_after(input, 8)};

    CHECK(!opens(&record));
    record.key_id = text_first(input, 19);
    CHECK(!opens(&record));
}

/* Bytes in threes: where (2) and what is flipped there. */
static void try_damaged(struct text input)
{
    struct arena arena = {0};
    struct secret_record record;
    bool changed = false;
    char *sealed, *before;
    size_t len;

    secret_seal(&ring()->keys[0], TEXT("openai"), TEXT("sk-0123456789"), 7, &arena, &record);
    len = record.sealed.len;
    sealed = (char *)(uintptr_t)record.sealed.at;
    before = malloc(len);
    CHECK(before != NULL);
    memcpy(before, sealed, len);
    for (; input.len >= 3; input = text_after(input, 3)) {
        size_t at = ((size_t)(unsigned char)input.at[0] << 8 | (unsigned char)input.at[1]) % len;

        sealed[at] = (char)(sealed[at] ^ input.at[2]);
    }
    changed = memcmp(before, sealed, len) != 0;
    CHECK(opens(&record) == !changed);
    arena_release(&arena);
    free(before);
}

static void try_key(struct text input)
{
    struct key_source source = {.origin = KEY_ORIGIN_ENVIRONMENT, .given = input};
    struct error err = {0};
    struct key_ring *read = key_ring_open(&source, &err);

    CHECK((read == NULL) == (err.code != ERROR_NONE));
    for (size_t i = 0; read != NULL && i < read->count; i++) {
        char written[MASTER_KEY_CHARS];
        struct master_key again;

        master_key_write(&read->keys[i], written);
        CHECK(master_key_parse((struct text){written, sizeof written}, &again));
        CHECK(memcmp(&again, &read->keys[i], sizeof again) == 0);
    }
    key_ring_close(read);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text input = {(const char *)data + 1, size - 1};

    if (size == 0)
        return 0;
    switch (data[0] % 3) {
    case 0:
        try_any(input);
        break;
    case 1:
        try_damaged(input);
        break;
    default:
        try_key(input);
    }
    return 0;
}
