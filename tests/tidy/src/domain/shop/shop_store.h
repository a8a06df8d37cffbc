/* shop_store - SQL of the slice; private to the folder. */
#pragma once
