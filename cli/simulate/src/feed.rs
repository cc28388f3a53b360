//! The eight feeds of the simulated city and what their contracts say of topic, key and order.
//!
//! This is the producer's side of `agency.feed`: it knows names and shapes as an agency's own system would. Nothing is
//! read from the contracts of the engine.

/// A feed that the city can send.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Feed {
    Hukou,
    Residence,
    Death,
    Insurance,
    Medins,
    Register,
    Penalty,
    Taxpayer,
}

impl Feed {
    /// All feeds, in the order in which reports show them.
    pub const ALL: [Feed; 8] = [
        Feed::Hukou,
        Feed::Residence,
        Feed::Death,
        Feed::Insurance,
        Feed::Medins,
        Feed::Register,
        Feed::Penalty,
        Feed::Taxpayer,
    ];

    /// The contract id, `<agency>.<feed>`.
    pub fn contract(self) -> &'static str {
        match self {
            Feed::Hukou => "ga.hukou",
            Feed::Residence => "ga.residence",
            Feed::Death => "wj.death",
            Feed::Insurance => "rs.insurance",
            Feed::Medins => "yb.medins",
            Feed::Register => "scjg.register",
            Feed::Penalty => "scjg.penalty",
            Feed::Taxpayer => "sw.taxpayer",
        }
    }

    /// The agency that owns the feed.
    pub fn agency(self) -> &'static str {
        self.contract()
            .split('.')
            .next()
            .expect("every contract id has two parts")
    }

    /// The source topic.
    pub fn topic(self) -> String {
        format!("src.{}.v1", self.contract())
    }

    /// Partitions of the source topic: the penalty list is ordered by its log and has one.
    pub fn partitions(self) -> i32 {
        if self == Feed::Penalty { 1 } else { 4 }
    }

    /// Position in [`Feed::ALL`].
    pub fn index(self) -> usize {
        self as usize
    }

    /// The field that holds the identifier of the subject, as the agency names it.
    pub fn identifier_field(self) -> &'static str {
        match self {
            Feed::Hukou => "GMSFHM",
            Feed::Residence => "sfzhm",
            Feed::Death => "idcard",
            Feed::Insurance => "aac002",
            Feed::Medins => "certno",
            Feed::Register => "UNISCID",
            Feed::Penalty => "统一社会信用代码",
            Feed::Taxpayer => "shxydm",
        }
    }

    /// The fields of the record key, as the agency names them.
    pub fn key_fields(self) -> &'static [&'static str] {
        match self {
            Feed::Hukou => &["GMSFHM"],
            Feed::Residence => &["sfzhm", "djrq"],
            Feed::Death => &["swzbh"],
            Feed::Insurance => &["aac001", "aae140"],
            Feed::Medins => &["psn_no", "insutype"],
            Feed::Register => &["PRIPID"],
            Feed::Penalty => &["处罚决定书文号"],
            Feed::Taxpayer => &["nsrsbh"],
        }
    }

    /// Fields that a record must state; leaving one out is the defect `required`.
    pub fn required_fields(self) -> &'static [&'static str] {
        match self {
            Feed::Hukou => &["XM", "XB", "CSRQ", "ZXBS"],
            Feed::Residence => &["xm"],
            Feed::Death => &["dod"],
            Feed::Insurance => &["aac003"],
            Feed::Medins => &[],
            Feed::Register => &["ENTNAME", "REGSTATE"],
            Feed::Penalty => &["行政相对人名称"],
            Feed::Taxpayer => &["nsrmc"],
        }
    }

    /// Whether the subjects of the feed are persons.
    pub fn is_person(self) -> bool {
        !matches!(self, Feed::Register | Feed::Penalty | Feed::Taxpayer)
    }
}
