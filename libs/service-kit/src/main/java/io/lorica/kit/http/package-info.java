/// What every HTTP answer carries.
@NullMarked
package io.lorica.kit.http;

import org.jspecify.annotations.NullMarked;
