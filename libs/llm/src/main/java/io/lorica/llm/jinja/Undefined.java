package io.lorica.llm.jinja;

/// What a template asked for and is not there. It prints as nothing, is false and has no elements; whoever asks more of
/// it gets the complaint.
///
/// @param complaint a sentence without its full stop, such as `'name' is undefined`
record Undefined(String complaint) {

    static Undefined name(String name) {
        return new Undefined("'" + name + "' is undefined");
    }

    static Undefined in(Object owner, Object key) {
        String shown = owner == None.NONE ? "'None'" : "'" + Values.typeName(owner) + " object'";
        return new Undefined(
                shown + (key instanceof String ? " has no attribute " : " has no element ") + PythonText.repr(key));
    }

    /// An attribute that templates may not touch.
    static Undefined forbidden(Object owner, String attribute) {
        return new Undefined(
                "access to attribute '" + attribute + "' of '" + Values.typeName(owner) + "' object is unsafe");
    }

    JinjaException complain() {
        return JinjaException.rendering(complaint);
    }
}
