#include "provider/demo.h"
#include "provider/openai.h"
const struct dialect dialect_demo = {
    .name = "demo",
    .local = true,
    .request = openai_request,
    .answer = openai_answer,
    .event = openai_event,
    .refusal = openai_refusal,
};
