/* gateway/shadow_table.h
 * The part of what is known of shadows that one configuration needs: shadows.h. */
#pragma once
#include <stddef.h>

struct shadow_state;
struct shadows;

struct shadow_table {
    struct shadows *shadows;
    struct shadow_state **items; /* by shadow_rule.index */
    size_t count;
};
