/* The dialects there are. */
#include "provider/dialect.h"

static const struct text names[] = {TEXT_INIT("openai"), TEXT_INIT("demo")};
static const struct dialect *const dialects[] = {&dialect_openai, &dialect_demo};
enum { DIALECT_COUNT = sizeof dialects / sizeof dialects[0] };

const struct dialect *dialect_find(struct text name)
{
    for (size_t i = 0; i < DIALECT_COUNT; i++)
        if (text_equal(name, names[i]))
            return dialects[i];
    return NULL;
}

size_t dialect_names(const struct text **out_names)
{
    *out_names = names;
    return DIALECT_COUNT;
}
