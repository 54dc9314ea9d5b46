#include "provider/http_head.h"

bool http_head_next(struct text *fields, struct text *out_name, struct text *out_value)
{
    if (fields->len == 0)
        return false;
    *out_value = text_split(fields, '\n');
    *out_name = text_split(out_value, ':');
    return true;
}

struct text http_head_find(const struct http_head *head, struct text name)
{
    struct text fields = head->fields, found, value;

    while (http_head_next(&fields, &found, &value)) {
        if (text_equal(found, name))
            return value;
    }
    return (struct text){0};
}
