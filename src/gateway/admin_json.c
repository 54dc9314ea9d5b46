#include "gateway/admin_json.h"

#include "base/clock.h"
#include "gateway/surface.h"

void admin_reply(struct request *request, int status, struct json_object *body)
{
    const char *json = json_object_to_json_string_ext(body, JSON_C_TO_STRING_NOSLASHESCAPE);

    surface_reply(request, status, TEXT("application/json"),
                  arena_copy(&request->arena, text_of(json)));
    json_object_put(body);
}

void admin_set(struct json_object *object, const char *name, struct text value)
{
    json_object_object_add(object, name, json_object_new_string_len(value.at, (int)value.len));
}

void admin_set_time(struct json_object *object, const char *name, int64_t wall_ms)
{
    char when[CLOCK_RFC3339_BYTES];

    if (wall_ms != 0)
        admin_set(object, name, clock_rfc3339(wall_ms, when));
    else
        json_object_object_add(object, name, NULL);
}
