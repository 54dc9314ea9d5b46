#include "guard/kind.h"

enum { GROUPS = 3 };

static const struct text words[] = {
#define X(name, word, placeholder) TEXT_INIT(word),
    GUARD_PII(X)
#undef X
        TEXT_INIT("national_id"),
    TEXT_INIT("ip"), TEXT_INIT("all")};

static const struct text placeholders[] = {
#define X(name, word, placeholder) TEXT_INIT(placeholder),
    GUARD_PII(X)
#undef X
};

struct text guard_pii_word(enum guard_pii_kind kind)
{
    return words[kind];
}

struct text guard_pii_placeholder(enum guard_pii_kind kind)
{
    return placeholders[kind];
}

bool guard_pii_find(struct text word, uint64_t *out_kinds)
{
    static const uint64_t groups[GROUPS] = {PII_NATIONAL_IDS, PII_IP, PII_ALL};

    for (unsigned i = 0; i < sizeof words / sizeof *words; i++)
        if (text_equal(word, words[i])) {
            *out_kinds = i < PII_KIND_COUNT ? PII_BIT(i) : groups[i - PII_KIND_COUNT];
            return true;
        }
    return false;
}

const struct text *guard_pii_words(size_t *out_count)
{
    *out_count = sizeof words / sizeof *words;
    return words;
}
