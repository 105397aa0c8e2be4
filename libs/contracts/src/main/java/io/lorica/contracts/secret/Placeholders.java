package io.lorica.contracts.secret;

import java.util.regex.Pattern;

/// The values of templates, which nobody may serve with: whoever has read the template knows them.
public final class Placeholders {

    private static final Pattern PLACEHOLDER =
            Pattern.compile("(?i)(sk-)?(replace|change|choose)[-_]?(me|this|one)([-_]?too)?");

    private Placeholders() {}

    /// Returns the secret.
    ///
    /// @param name the setting that holds it, for the message
    /// @throws IllegalArgumentException if it is a template's value
    public static String checked(String name, String secret) {
        if (PLACEHOLDER.matcher(secret.strip()).matches()) {
            throw new IllegalArgumentException(name + " is still the template's value '" + secret.strip()
                    + "', which everybody knows. Set it to a secret of your own, such as the output of"
                    + " 'openssl rand -hex 24'.");
        }
        return secret;
    }
}
