//! The eighteen feeds of the simulated city and what their contracts say of topic, key and order.
//!
//! Of eight, the registers with which the city began, everything is told here and in the modules of planning and
//! rendering; the ten others are told by statements (`sheet`). This is the producer's side of `agency.feed`: it knows names and shapes as an agency's own system would. Nothing is
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
    Hmt,
    Birth,
    Marriage,
    Assist,
    HousingFund,
    Enrol,
    RealEstate,
    Lease,
    Dishonest,
    Utility,
}

impl Feed {
    /// All feeds, in the order in which reports show them.
    pub const ALL: [Feed; 18] = [
        Feed::Hukou,
        Feed::Residence,
        Feed::Death,
        Feed::Insurance,
        Feed::Medins,
        Feed::Register,
        Feed::Penalty,
        Feed::Taxpayer,
        Feed::Hmt,
        Feed::Birth,
        Feed::Marriage,
        Feed::Assist,
        Feed::HousingFund,
        Feed::Enrol,
        Feed::RealEstate,
        Feed::Lease,
        Feed::Dishonest,
        Feed::Utility,
    ];

    /// The registers with which the city began.
    pub const REGISTERS: [Feed; 8] = [
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
            Feed::Hmt => "yimin.hmt",
            Feed::Birth => "wj.birth",
            Feed::Marriage => "mz.marriage",
            Feed::Assist => "mz.assist",
            Feed::HousingFund => "gjj.account",
            Feed::Enrol => "jy.enrol",
            Feed::RealEstate => "zr.realestate",
            Feed::Lease => "zj.lease",
            Feed::Dishonest => "fy.dishonest",
            Feed::Utility => "gy.utility",
        }
    }

    /// Whether the feed is one of the eight registers, whose records have bodies of their own.
    pub fn is_register(self) -> bool {
        self.index() < Self::REGISTERS.len()
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

    /// Partitions of the source topic. The penalty list is ordered by its log and has one; so has the list of assistance,
    /// for what closes a snapshot depends on the snapshot that closed before it.
    pub fn partitions(self) -> i32 {
        match self {
            Feed::Penalty | Feed::Assist => 1,
            _ => 4,
        }
    }

    /// Position in [`Feed::ALL`].
    pub fn index(self) -> usize {
        self as usize
    }

    /// The field of a register that holds the identifier of the subject, as the agency names it.
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
            _ => "",
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
            Feed::Hmt => &["zjlx", "zjhm"],
            Feed::Birth => &["cszmbh"],
            Feed::Marriage => &["djh"],
            Feed::Assist => &["身份证号", "救助类型"],
            Feed::HousingFund => &["account", "month"],
            Feed::Enrol => &["xjh"],
            Feed::RealEstate => &["bdcdyh", "bdcqzh"],
            Feed::Lease => &["contractNo"],
            Feed::Dishonest => &["caseCode", "cardNum"],
            Feed::Utility => &["yhbh", "ym"],
        }
    }

    /// Fields that a record of a register must state; leaving one out is the defect `required`.
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
            _ => &[],
        }
    }

    /// Whether the subjects of a register are persons.
    pub fn is_person(self) -> bool {
        !matches!(self, Feed::Register | Feed::Penalty | Feed::Taxpayer)
    }
}
