//! Source codes and what they mean in the files, as far as the simulator sends them.

/// Kinds of social insurance (aae140).
pub const SOCIAL_KINDS: [(&str, &str); 5] = [
    ("110", "PENSION"),
    ("210", "UNEMPLOYMENT"),
    ("310", "MEDICAL"),
    ("410", "WORK_INJURY"),
    ("510", "MATERNITY"),
];
/// States of a social insurance (aac008).
pub const SOCIAL_STATUS: [(&str, &str); 3] =
    [("1", "INSURED"), ("2", "SUSPENDED"), ("4", "TERMINATED")];
/// Kinds of medical insurance (insutype).
pub const MEDICAL_KINDS: [(&str, &str); 3] = [
    ("310", "EMPLOYEE"),
    ("390", "RESIDENT"),
    ("340", "RETIRED_CADRE"),
];
/// States of a medical insurance (psn_insu_stas).
pub const MEDICAL_STATUS: [(&str, &str); 3] =
    [("1", "NORMAL"), ("2", "SUSPENDED"), ("4", "TERMINATED")];
/// States of registration (REGSTATE).
pub const REGISTRATION_STATUS: [(&str, &str); 9] = [
    ("1", "ACTIVE"),
    ("2", "REVOKED"),
    ("3", "DEREGISTERED"),
    ("4", "MOVED_OUT"),
    ("5", "CANCELLED"),
    ("6", "DORMANT"),
    ("7", "LIQUIDATING"),
    ("8", "CLOSED_ORDER"),
    ("9", "REVOKED_DEREG"),
];
/// States of a taxpayer (nsrztDm).
pub const TAX_STATUS: [(&str, &str); 4] = [
    ("03", "NORMAL"),
    ("05", "ABNORMAL"),
    ("07", "DEREGISTERED"),
    ("08", "ABNORMAL_DEREGISTERED"),
];
/// Kinds of taxpayer (nslxDm).
pub const TAXPAYER_KINDS: [(&str, &str); 2] = [("1", "GENERAL"), ("2", "SMALL")];

/// The meaning of a code, none if the list does not have it.
pub fn translated(list: &[(&'static str, &'static str)], code: &str) -> Option<&'static str> {
    list.iter()
        .find(|(source, _)| *source == code)
        .map(|(_, meaning)| *meaning)
}
