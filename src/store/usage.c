#include "store/usage_record.h"

const char *usage_sum_word(enum usage_sum sum)
{
    static const char *const words[USAGE_SUM_COUNT] = {
#define X(name, word) [USAGE_##name] = (word),
        USAGE_SUMS(X)
#undef X
    };
    return words[sum];
}

const char *usage_name_word(enum usage_name name)
{
    static const char *const words[USAGE_NAME_COUNT] = {
#define X(name, word) [USAGE_##name] = (word),
        USAGE_NAMES(X)
#undef X
    };
    return words[name];
}

int64_t usage_plus(int64_t a, int64_t b)
{
    int64_t sum;

    if (!__builtin_add_overflow(a, b, &sum))
        return sum;
    return b > 0 ? INT64_MAX : INT64_MIN;
}

bool usage_same(const struct usage_record *a, const struct usage_record *b)
{
    for (size_t i = 0; i < USAGE_NAME_COUNT; i++)
        if (!text_equal(a->names[i], b->names[i]))
            return false;
    return true;
}

void usage_add(struct usage_record *into, const struct usage_record *more)
{
    for (size_t i = 0; i < USAGE_SUM_COUNT; i++) {
        into->all[i] = usage_plus(into->all[i], more->all[i]);
        into->estimated[i] = usage_plus(into->estimated[i], more->estimated[i]);
    }
}
