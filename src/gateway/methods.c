#include "gateway/methods.h"

static bool lists(struct text methods, struct text method)
{
    while (methods.len > 0)
        if (text_equal(text_trim(text_split(&methods, ',')), method))
            return true;
    return false;
}

bool methods_take(struct text methods, struct text method)
{
    return lists(methods, method) ||
           (text_equal(method, TEXT("HEAD")) && lists(methods, TEXT("GET")));
}

struct text methods_allow(struct arena *arena, struct text methods)
{
    bool unsaid = lists(methods, TEXT("GET")) && !lists(methods, TEXT("HEAD"));

    return arena_printf(arena, "%.*s%s, OPTIONS", TEXT_ARG(methods), unsaid ? ", HEAD" : "");
}
