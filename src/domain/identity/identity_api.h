/* identity_api - what the files of the identity slice share: its setting. Private to the folder. */
#pragma once
#include "domain/identity/identity.h"

typedef struct IdentitySetting {
    int64_t phone_change_days;            /* cool-down between two phone changes */
    int64_t code_wait_s;                  /* between two codes to one number */
    int64_t codes_a_day;                  /* to one number */
    int64_t codes_an_hour_ip;             /* from one IP */
    int64_t codes_a_day_device;           /* from one device */
} IdentitySetting;
extern const Setting identity_setting;
