#include "audit/uses.h"

#include "unit.h"

#include <stdio.h>

static const int64_t now_ms = 1764158400000;

static bool use(struct audit_uses *uses, unsigned credential, int64_t wall_ms)
{
    char id[16];

    snprintf(id, sizeof id, "tok_%u", credential);
    return audit_uses_note(uses, text_of(id), wall_ms);
}

TEST(a_use_is_recorded_once_an_hour)
{
    struct audit_uses uses = {0};

    EXPECT(use(&uses, 1, now_ms));
    EXPECT(!use(&uses, 1, now_ms + 1));
    EXPECT(use(&uses, 2, now_ms + 2));
    EXPECT(!use(&uses, 1, now_ms + AUDIT_USE_EVERY_MS - 1));
    EXPECT(use(&uses, 1, now_ms + AUDIT_USE_EVERY_MS));
}

TEST(of_too_many_the_one_recorded_longest_ago_is_forgotten)
{
    struct audit_uses uses = {0};

    for (unsigned i = 0; i <= AUDIT_USES_MAX; i++)
        EXPECT(use(&uses, i, now_ms + i));
    EXPECT(!use(&uses, 1, now_ms + 100));
    EXPECT(!use(&uses, AUDIT_USES_MAX, now_ms + 100));
    EXPECT(use(&uses, 0, now_ms + 100));
}
