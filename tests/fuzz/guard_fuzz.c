/* A text goes through guardrails whole and in pieces that the input chooses, as text and as JSON:
 * the same is found, the same comes out, and what was JSON still is. */
#include "document/json_read.h"
#include "guard/guard_fixture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const policies[] = {
    "{\"pii\": \"mask\", \"secrets\": \"redact\"}",
    "{\"pii\": \"block\", \"secrets\": \"block\", \"injection\": \"block\", \"max_chars\": 200,"
    " \"words\": {\"block\": [\"voldemort\", \"project x\", \"\xE7\xA6\x81\xE6\xAD\xA2\"]}}",
    "{\"pii\": \"restore\"}",
    "{\"pii\": {\"input\": \"restore\", \"output\": \"mask\", \"patterns\": {\"ticket\": "
    "\"TCK-[0-9]{4,6}\", \"any\": \"[a-z]+[0-9]+\"}}, \"secrets\": \"redact\"}",
    "{\"pii\": {\"input\": \"mask\", \"output\": \"mask\", \"patterns\": {\"t\": "
    "\"[a-z ]+[0-9]\", \"u\": \"[^@]{1,90}[a-z]@\"}}}",
};

struct sizes {
    uint8_t first, other;
    bool odd;
};

static size_t next_size(void *context)
{
    struct sizes *sizes = context;

    sizes->odd = !sizes->odd;
    return sizes->odd ? sizes->first : sizes->other;
}

static bool is_json(struct text text, struct arena *arena)
{
    struct document document;

    return json_read(text, NULL, arena, &document, NULL, NULL);
}

static void compare(const char *policy, struct text text, bool json, struct sizes sizes)
{
    struct fixture whole, pieces;
    struct text a, b;

    CHECK(fixture_init(&whole, policy) && fixture_init(&pieces, policy));
    fixture_whole(&whole, GUARD_INPUT, TEXT("ann@example.com"), false);
    fixture_whole(&pieces, GUARD_INPUT, TEXT("ann@example.com"), false);
    a = fixture_whole(&whole, GUARD_OUTPUT, text, json);
    b = fixture_pieces(&pieces, GUARD_OUTPUT, text, json, next_size, &sizes);
    /* By which of its signs an injection is told may depend on what has come of it by then. */
    CHECK(text_equal(a, b) || (text_starts(a, TEXT("blocked: injection")) &&
                               text_starts(b, TEXT("blocked: injection"))));
    CHECK(!json || text_starts(a, TEXT("blocked: ")) || !is_json(text, &whole.arena) ||
          is_json(a, &whole.arena));
    arena_release(&whole.arena);
    arena_release(&pieces.arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text text = {(const char *)data + 3, size - 3};

    if (size < 3)
        return 0;
    compare(policies[(data[0] & 8) != 0 ? 4 : data[0] % 4], text, (data[0] & 4) != 0,
            (struct sizes){.first = data[1] % 32, .other = data[2] % 8});
    return 0;
}
