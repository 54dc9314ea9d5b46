#include "catalog/payload.h"

#include "schema/schema.h"

bool payload_declares(const struct endpoint *endpoint, struct text name)
{
    const struct text *names;
    size_t count = endpoint->input != NULL ? schema_root_names(endpoint->input, &names) : 0;

    for (size_t i = 0; i < count; i++)
        if (text_equal(names[i], name))
            return true;
    return false;
}

const char *payload_name(const struct endpoint *endpoint)
{
    if (!payload_declares(endpoint, TEXT("input")))
        return "input";
    return payload_declares(endpoint, TEXT("variables")) ? NULL : "variables";
}
