/* lost - a folder that no floor names. !floor */
#pragma once
