//! Areas that a coordinate may lie in: a box or a polygon, in degrees of longitude and latitude.
//!
//! Leaves alone: which system the coordinates are of. The Chinese ones (GCJ-02, BD-09) differ from WGS 84 by up to some
//! hundred metres, so an area is drawn with that much room.

/// A closed area; its edge belongs to it.
#[derive(Debug, Clone, PartialEq)]
pub enum Area {
    Box {
        west: f64,
        south: f64,
        east: f64,
        north: f64,
    },
    /// Longitude and latitude of three corners or more, in order; the last is joined with the first.
    Polygon(Vec<(f64, f64)>),
}

impl Area {
    /// Whether the point is inside; what is no number lies nowhere.
    pub fn contains(&self, longitude: f64, latitude: f64) -> bool {
        if !longitude.is_finite() || !latitude.is_finite() {
            return false;
        }
        match self {
            Self::Box {
                west,
                south,
                east,
                north,
            } => (*west..=*east).contains(&longitude) && (*south..=*north).contains(&latitude),
            Self::Polygon(corners) => inside(corners, longitude, latitude),
        }
    }
}

/// Counts the edges east of the point; on one of them the point is inside.
fn inside(corners: &[(f64, f64)], x: f64, y: f64) -> bool {
    let edges = corners.iter().zip(corners.iter().cycle().skip(1));
    let mut odd = false;
    for ((x1, y1), (x2, y2)) in edges {
        let side = (x2 - x1) * (y - y1) - (x - x1) * (y2 - y1);
        let within = |one: f64, two: f64, at: f64| one.min(two) <= at && at <= one.max(two);
        if side == 0.0 && within(*x1, *x2, x) && within(*y1, *y2, y) {
            return true;
        }
        let crosses = (*y1 > y) != (*y2 > y);
        odd ^= crosses && ((side > 0.0) == (y2 > y1));
    }
    odd
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_box_holds_its_edge() {
        let city = Area::Box {
            west: 117.8,
            south: 24.3,
            east: 118.5,
            north: 24.95,
        };
        assert!(city.contains(118.089, 24.479) && city.contains(117.8, 24.95));
        assert!(!city.contains(24.479, 118.089) && !city.contains(0.0, 0.0));
    }

    #[test]
    fn a_polygon_may_have_a_notch() {
        let notched = Area::Polygon(vec![
            (0.0, 0.0),
            (4.0, 0.0),
            (4.0, 4.0),
            (2.0, 1.0),
            (0.0, 4.0),
        ]);
        for (x, y, held) in [
            (1.0, 1.0, true),
            (2.0, 0.5, true),
            (2.0, 3.0, false),
            (3.5, 2.0, true),
            (-0.1, 1.0, false),
            (4.0, 2.0, true),
            (2.0, 1.0, true),
            (0.0, 0.0, true),
            (5.0, 0.0, false),
            (f64::NAN, 1.0, false),
        ] {
            assert_eq!(notched.contains(x, y), held, "{x} {y}");
        }
    }

    #[test]
    fn direction_does_not_matter() {
        let mut corners = vec![(0.0, 0.0), (4.0, 0.0), (4.0, 4.0), (0.0, 4.0)];
        let forwards = Area::Polygon(corners.clone());
        corners.reverse();
        let backwards = Area::Polygon(corners);
        for (x, y) in [(1.0, 1.0), (5.0, 1.0), (0.0, 2.0), (2.0, -1.0)] {
            assert_eq!(forwards.contains(x, y), backwards.contains(x, y));
        }
    }
}
