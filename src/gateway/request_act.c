#include "gateway/request_act.h"

struct audit_event request_act(const struct request *request, enum audit_action action,
                               struct text object)
{
    const struct token_record *credential = request->token;

    return (struct audit_event){.wall_ms = request->wall_ms,
                                .actor = credential != NULL ? AUDIT_BY_ADMIN : AUDIT_BY_OWNER,
                                .actor_id =
                                    credential != NULL ? credential->id : request->http.user,
                                .peer = request->http.peer,
                                .action = action,
                                .object = object,
                                .request_id = request->id};
}
