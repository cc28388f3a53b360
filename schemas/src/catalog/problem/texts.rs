//! The long form of each problem code. The first sentence is the title of the code.

pub(crate) mod chinese;

/// Code and explanation, sorted by code.
pub(crate) const EXPLANATIONS: &[(&str, &str)] = &[
    (
        "CT001",
        "The file is no YAML. The usual causes: a tab in the indentation, a key written twice in one \
         mapping, and an unquoted text inside { } that contains a comma or a colon, for example `{ \
         description: Claim, dispute }`, which reads as two keys. Put such texts into double quotes.",
    ),
    (
        "CT002",
        "A key is missing that every file of this kind needs. The place shown is the mapping it belongs \
         into.",
    ),
    (
        "CT003",
        "A value is of another kind than its key takes, for example a text where a list belongs, or it is \
         empty. Versions, codes and dates are texts: put them into quotes when they look like numbers.",
    ),
    (
        "CT004",
        "A key, or a custom property of the vendor yidang, is not known at this place. Unknown names are \
         refused because a misspelt one would silently do nothing: `requried: true` requires nothing. \
         Custom properties of other vendors are left alone.",
    ),
    (
        "CT005",
        "A custom property cannot be taken as written: it has no value, stands twice, or has the name of \
         one of ours without `vendor: yidang`, in which case it would be ignored.",
    ),
    (
        "CT006",
        "A file of the schemas folder is missing, cannot be read as UTF-8 text, would be ignored because \
         of its name, or is not what was stored. A schemas folder holds agencies.yaml, authority.yaml, \
         bundle.yaml and the folders contracts, dossiers and codes; beside contracts stand samples with \
         .good. or .bad. in their names.",
    ),
    (
        "CT007",
        "The file does not say which standard it follows, or follows another than this program reads. It \
         has to be a DataContract of apiVersion v3.2.0 with a status of draft, active, deprecated or \
         retired, and carry the custom property profile: yidang/1.",
    ),
    (
        "CT008",
        "The version of a contract has three numbers, major.minor.patch. The major one is part of the \
         topic name and is raised only when old readers could no longer read new records.",
    ),
    (
        "CT009",
        "A number that counts changes (generation in bundle.yaml, rulesVersion in authority.yaml) is not a \
         whole number.",
    ),
    (
        "CT010",
        "The id of a feed is <agency>.<feed> in lower-case letters, digits and underscores, and its file \
         is contracts/<agency>/<feed>.odcs.yaml. An id is never reused and never renamed, since issues and \
         rows refer to it.",
    ),
    (
        "CT011",
        "The agency of a contract is unknown, or named differently in sourceAgency, team.id and the id. \
         agencies.yaml lists all agencies; an agency has to stand there before its first contract.",
    ),
    (
        "CT012",
        "A feed comes on one topic, named src.<agency>.<feed>.v<major>. The name is fixed so that whoever \
         sees a topic knows its contract, and so that a new major version runs beside the old one.",
    ),
    (
        "CT013",
        "Two entries have the same identity: two agencies with one slug, or two contracts with one id.",
    ),
    (
        "CT014",
        "Two contracts name one topic. A topic carries the records of one feed only, since its contract \
         decides how every message on it is read.",
    ),
    (
        "CT015",
        "A contract describes exactly one topic and a dossier exactly one table: one entry under schema.",
    ),
    (
        "CT016",
        "An agency has a slug that can be no part of a topic name: src.<agency>.<feed>.v<n> and \
         dq.feedback.<agency>.v1 are made of it. A slug is a lower-case letter, then lower-case letters, digits and _.",
    ),
    (
        "CT020",
        "Two properties of a contract have the same name. Names are those of the fields as sent, capitals \
         included.",
    ),
    (
        "CT021",
        "The logical type of a field is none of the standard: string, date, timestamp, time, integer, number, boolean, \
         object, array, map, vector. Identifiers and codes are strings even if they consist of digits; what has an \
         inner structure is kept as received and never read.",
    ),
    (
        "CT022",
        "A date field has to name the forms in which its dates are written, several joined by |, for \
         example yyyyMMdd|yyyy-MM-dd; a timestamp that names none is written as RFC 3339 says. Forms are named and \
         never guessed, because 03/04/2026 can be read in two ways. Times without a zone are those of the city, \
         Asia/Shanghai.",
    ),
    (
        "CT023",
        "A bound is unusable: a pattern that is no regular expression (look-around and back references are \
         not available), a length that is no whole number, a bound of a date that is no day written as yyyy-MM-dd, a \
         bound of another field that is no number, or a minimum above its maximum.",
    ),
    (
        "CT024",
        "Every field needs its classification: public, internal, personal or sensitive. It decides what an \
         event may say of a bad value, so there is no default.",
    ),
    (
        "CT025",
        "A personal or sensitive field must not carry examples in its contract. Contracts are read by \
         many, and an example of a personal field sooner or later is a person. Made-up records belong into \
         the samples beside the contract.",
    ),
    (
        "CT026",
        "A record may hold one array whose elements are read: a property with logicalType array and the fields of an \
         element under items.properties. Elsewhere in the contract such a field is named array[].field. Other arrays \
         and objects stay in landing, whole.",
    ),
    (
        "CT027",
        "A field of an array's elements has as many values as there are elements, so that it cannot be the key of the \
         record, its order, its business time or its operation. In a patch feed no array is read: an element left out \
         would say nothing, and nobody could tell it from one taken back.",
    ),
    (
        "CT028",
        "Lines of fixed width need the width of every field in bytes of the declared encoding (custom property width), \
         and its start, counted from 1, where it does not follow the field before it. Fields do not share bytes. A line \
         ends with the last field; a filler at its end is a field of its own.",
    ),
    (
        "CT029",
        "XML needs recordElement: the name of the element that is one record, without its prefix, or the path from the \
         root (list/record). Fields are its child elements by name, deeper ones by path (address/street), and its \
         attributes as @name.",
    ),
    (
        "CT030",
        "A contract needs recordKey: the fields that tell one record of the feed from another. Corrections \
         and removals find their record by it.",
    ),
    (
        "CT031",
        "A field is named that the contract does not have under properties.",
    ),
    (
        "CT032",
        "A contract needs order: what decides which of two versions of a record is the newer one, as a \
         list of parts compared left to right, or log where the position in the topic decides. Arrival \
         never decides.",
    ),
    (
        "CT033",
        "A part of the order, the business time or the removal cannot be used as written. A part has from \
         (field:<name>, header:<name>, or envelope:<member>) and type (integer, epoch_ms, epoch_s, or time with forms \
         and zone: Asia/Shanghai). The forms of one part are all days or all instants. Members that order or date: of \
         debezium ts_ms (ms), source.ts_ms (ms), source.lsn, source.pos, source.row and transaction.total_order; of \
         canal es and ts (ms) and id; of maxwell ts (s), xid and xoffset; of ogg op_ts and current_ts (time), pos and \
         csn. The operation of a removal is op, type or op_type.",
    ),
    (
        "CT034",
        "A contract needs businessTime: when the source says a record was true. It is an instant or a day, \
         not a plain number.",
    ),
    (
        "CT035",
        "A contract needs mode: full, where each version states every field and a missing one is null, or \
         patch, where a missing field says nothing and null empties it.",
    ),
    (
        "CT036",
        "The envelope of change-data messages is none, debezium, canal, maxwell or ogg (the JSON of Oracle GoldenGate \
         in its operation form). Only JSON travels in one. Where updates of ogg hold only the columns that changed, \
         mode has to be patch: in a full feed a column that is not stated is null.",
    ),
    (
        "CT037",
        "A message holds one record, or many: a JSON array or the rows of CSV. An envelope decides it by itself: many \
         in canal, which holds the rows of one statement, one in the others.",
    ),
    (
        "CT038",
        "A server has to be of type kafka with a format (json, csv, fixed_width or xml) and an encoding (UTF-8, \
         UTF-8-BOM, GBK or GB18030). Encodings are declared and never guessed, since text of one can often be read in \
         another without an error. Where several servers differ in their format, the first one is meant unless the \
         header content-type or format of a message names another; no header tells encodings of one format apart.",
    ),
    (
        "CT039",
        "A contract needs removal: where the operation stands (from), which operations remove (delete), \
         and whether a null value removes (tombstone: delete) or says nothing (tombstone: control, always \
         so behind an envelope).",
    ),
    (
        "CT040",
        "A subject names its kind, which is that of a dossier, and at least one identifier.",
    ),
    (
        "CT041",
        "The class of an identifier is unknown or lacks what it needs: person_document needs typeField, a \
         field with a list of document types; weak needs a name. The others are resident_id, uscc, \
         organisation_code, registration_number and tax_number.",
    ),
    (
        "CT042",
        "A field fills a dossier that the record names no subject of: there would be no row for the value.",
    ),
    (
        "CT043",
        "An identifier is of a class that the dossier of its subject does not list under classes, for example an \
         enterprise named by a resident id: every record would be held, for there would be no row for it.",
    ),
    (
        "CT044",
        "A subject with each: is named by every element of the record's array, by fields of the element; one without by \
         fields of the record. Those with each: stand last.",
    ),
    (
        "CT045",
        "A snapshot feed sends all its records again and again. Its order starts with a header that numbers the \
         snapshots; the property snapshot says by which share the rows may become fewer (maxShrink) and, where they \
         are not op, S and rows, the header with the operation, its value on snapshots, and the header in which the \
         marker, an empty message after the last row, gives the number of rows. A feed is one of snapshots or of \
         changes, never both.",
    ),
    (
        "CT046",
        "A horizon names a field of the record key that holds a month or a day, and how many months are kept. Records \
         whose period is older than the greatest accepted one by more than that are forgotten, in whatever order they \
         come; the observation tables keep them.",
    ),
    (
        "CT047",
        "A field reaches no column, no link and no rule: it is mapped nowhere, is no part of the key, the order, the \
         removal, a subject or a condition, and no rule judges it. A field that is forgotten looks just like one that is \
         not wanted, so a contract says which it is: map it with mapsTo, or give it the custom property kept: true, with \
         the reason as its description, where it stays in landing on purpose. A field with kept: true that is used all \
         the same is told under this code too.",
    ),
    (
        "CT048",
        "No field of the contract reaches a column and no constant fills one: its records would be judged and never be \
         seen in a file. Map at least one field with mapsTo, for example the identifier that names the subject.",
    ),
    (
        "CT050",
        "mapsTo names a column that the dossier does not have. Targets are <kind>.<column>, and \
         <kind>.<column>.<part> for columns that consist of parts.",
    ),
    (
        "CT051",
        "A transform is unknown, stands where nothing is mapped, or lacks its parameter: money needs unit, \
         token needs class, and with a list under mapsTo each entry names its own transform.",
    ),
    (
        "CT052",
        "A transform does not fit: it gives another type than the column holds, or needs something that \
         the field does not declare, such as codes, date forms, or an identifier class.",
    ),
    (
        "CT053",
        "A field names a code list that does not exist in this version, or its enum gives a canonical code that its \
         code list does not have. Lists are named name@version after the first line of codes/<name>.csv.",
    ),
    (
        "CT054",
        "A condition names a field and either in: [...] or notIn: [...], with texts in quotes: true, false and ~ are \
         no texts. The empty text in the list stands for a value that is absent or null.",
    ),
    (
        "CT055",
        "The value of a constant does not fit the column: constants are texts, or whole numbers for number \
         columns.",
    ),
    (
        "CT056",
        "Two fields always fill the same cell. Give one of them a condition under when, so that it is \
         clear which one speaks.",
    ),
    (
        "CT057",
        "A personal or sensitive field fills a column of which least and greatest value stand in the open in the log \
         of the table (statistics: true). Such columns hold codes and dates that are nobody's.",
    ),
    (
        "CT058",
        "A cell is about all subjects of its kind that a record names, about one (subject: with its name), or about that \
         of the element it stands in. This mapping or constant names a subject that is not there, or lets one element \
         decide for all.",
    ),
    ("CT060", "A rule names a check that does not exist."),
    (
        "CT061",
        "A rule written by hand says its severity (info, minor, major, critical), its dimension (one of \
         the seven of ODCS) and, as the custom property action, what happens to a record that fails it: \
         observe, flag, quarantine or reject.",
    ),
    (
        "CT062",
        "Two rules of a contract have the same id. Issues are named after rule ids, so these have to be \
         unique in a contract and never change their meaning.",
    ),
    (
        "CT063",
        "Nothing evaluates this rule. Rules of other engines belong to those and are left alone; metrics, \
         queries, multipleOf, and excluded bounds of values without a next one are \
         not evaluated by this version, and a rule that looks active and is not is worse than none.",
    ),
    (
        "CT064",
        "A check cannot be made of this field: it lacks its bounds, or the field lacks what the check \
         reads, for example codes for enum, date forms for not_future, an identifier class for \
         resident_id. Checks over one field stand at that field; date_order, geo_in_city, one_of_fields, \
         card_validity and predicates may stand over the whole topic as well.",
    ),
    (
        "CT065",
        "A predicate is not understood, or says what predicates may not say. It is one condition of SQL over the \
         fields of the record: AND, OR, NOT, = <> < <= > >=, IS NULL, IN, BETWEEN, LIKE, + - * /, CAST to DATE, INTEGER, \
         DECIMAL or VARCHAR, DATE '2026-01-31', and the functions abs, age_at, cn_resident_id, cn_uscc, coalesce, \
         code_in, day, left, length, lower, message_day, month, regexp_like, right, substr, trim, upper and year. \
         Nothing that asks a clock, another record or another table: the same record gets the same verdict whenever \
         it is judged. message_day() is the day of the message.",
    ),
    (
        "CT066",
        "The parts of a predicate are of types that do not fit one another, for example a date that is compared with a \
         text. The type of a field is its logicalType. Days are written DATE '2026-01-31', numbers without quotes; a \
         timestamp becomes a day by CAST(x AS DATE), a text a number by CAST(x AS DECIMAL).",
    ),
    (
        "CT067",
        "The list fields of a rule is not what the rule reads. An agency is told these fields, and a rule is judged \
         only where the record states all of them, so both have to be the same. A rule that stands at a field reads \
         that field.",
    ),
    (
        "CT068",
        "A rule judges one record by itself: its verdict must be the same whenever it is computed and whatever else \
         arrived. Whether a value is unique, follows another record, has grown old or shrinks a set is seen \
         elsewhere: in the conflicts of a file's row, in the order of a feed, or in figures over a window.",
    ),
    (
        "CT069",
        "The custom property indicator names no indicator of GB/T 36344-2018. They run from 0101 to 0602, written in \
         quotes; without the property a rule counts for the indicator of its check.",
    ),
    (
        "CT070",
        "authority.yaml ranks a feed that does not exist, or ranks one twice.",
    ),
    (
        "CT071",
        "authority.yaml names a dossier or a column that does not exist, or a column that the platform \
         fills itself.",
    ),
    (
        "CT072",
        "A contract claims a better rank for a column than authority.yaml grants, or its claim is no rank \
         from 1 upwards. An agency can claim; the data authority grants.",
    ),
    (
        "CT080",
        "Two columns of a dossier, or two parts of one column, have the same name. Elements of lists have a part \
         source that the platform fills; a dossier that tells of it gives it the custom property platform: source.",
    ),
    (
        "CT081",
        "A column of a dossier is a string, date or integer, or an object or array with such parts.",
    ),
    (
        "CT082",
        "Every column of a dossier has a level, L1 (least sensitive) to L4, which decides who may see it.",
    ),
    (
        "CT083",
        "A dossier refers to a column or part that it does not have, in elementKey, rankBy, endedBy, \
         identifierSex or identifierBirth; or a list has no elementKey, or an empty one. The element key tells which \
         elements of two sources are the same element.",
    ),
    (
        "CT084",
        "The custom property platform names a column that the platform fills itself: subject_id, token, \
         provenance, conflicts, completeness, rules_version, record_version, first_seen_at, \
         last_business_time or updated_at, each once; and source, of the elements of a list.",
    ),
    ("CT085", "Two files describe the same kind of dossier."),
    (
        "CT086",
        "A dossier lacks a column that the platform fills. Each file names its subject, tells where its values come \
         from and where agencies contradict one another, and says by which rules, when and from what the row was made; \
         only the token may be left out.",
    ),
    (
        "CT087",
        "A law of a life is not understood. Nothing of part lies after the date in notAfter; or where the column when \
         is one of some values, the column never is none of those in in; or the elements of one list, by the date at, \
         are events of which next says what comes after which. A row that contradicts a law \
         tells so in its conflicts.",
    ),
    (
        "CT090",
        "A code list begins with a line `# <name>@<version>`, the name being that of the file; further lines with # may \
         follow, one of them `# accepts: label, code+label`; then a header line code,label,canonical; rows are CSV.",
    ),
    (
        "CT091",
        "A code stands in a list twice, a row lacks its code or its canonical code, or a label that the list accepts stands \
         for two codes. Each text that a source sends stands for one canonical code.",
    ),
    (
        "CT095",
        "A file of divisions is one of counties, townships-mca, townships-nbs, villages-nbs and successors. It begins with a \
         line `# <name>@<edition>` and lines with # that name its source; then its header line, then rows without quotes.",
    ),
    (
        "CT096",
        "A row of a file of divisions has another number of cells, a code of another length, no name, no year, or the codes \
         do not rise from row to row.",
    ),
    (
        "CT097",
        "A township, a village or a successor lies in a county that counties.csv does not have today.",
    ),
];
